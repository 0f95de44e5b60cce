/** The schedules most people want, and what the five fields of a pattern are called. */

export interface CronPreset {
  readonly cron: string;
  readonly title: string;
}

/** Week days are 1 (Monday) to 7, with 0 for Sunday as well. */
export const CRON_PRESETS: readonly CronPreset[] = [
  { cron: "*/5 * * * *", title: "Every 5 minutes" },
  { cron: "*/15 * * * *", title: "Every 15 minutes" },
  { cron: "0 * * * *", title: "Every hour" },
  { cron: "0 8 * * *", title: "Every day at 08:00" },
  { cron: "0 8 * * 1-5", title: "Every weekday at 08:00" },
  { cron: "0 9 * * 1", title: "Every Monday at 09:00" },
  { cron: "0 6 1 * *", title: "On the first of each month at 06:00" },
];

export const CRON_FIELDS = [
  { title: "Minute", hint: "0 to 59, * for every, */5 for every fifth" },
  { title: "Hour", hint: "0 to 23, * for every" },
  { title: "Day", hint: "Day of the month, 1 to 31, * for every" },
  { title: "Month", hint: "1 to 12 or JAN to DEC, * for every" },
  { title: "Weekday", hint: "MON to SUN or 1 to 7 (Monday is 1), 1-5 for weekdays" },
] as const;

/** The five fields of a pattern; missing ones are "*". */
export function cronParts(cron: string): string[] {
  const parts = cron.trim() === "" ? [] : cron.trim().split(/\s+/);
  return CRON_FIELDS.map((_, index) => parts[index] ?? "*");
}

/** The preset that is exactly this pattern. */
export function presetOf(cron: string): CronPreset | undefined {
  const normal = cron.trim().split(/\s+/).join(" ");
  return CRON_PRESETS.find((preset) => preset.cron === normal);
}
