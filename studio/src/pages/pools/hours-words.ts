/** How working hours read, and how people write them. */
import { DAYS, type Day, type DaysOff, type Work, type WorkSpan, type WorkWeek } from "@/api";

export const DAY_NAMES: Record<Day, string> = {
  mon: "Monday",
  tue: "Tuesday",
  wed: "Wednesday",
  thu: "Thursday",
  fri: "Friday",
  sat: "Saturday",
  sun: "Sunday",
};

const SHORT: Record<Day, string> = {
  mon: "Mon",
  tue: "Tue",
  wed: "Wed",
  thu: "Thu",
  fri: "Fri",
  sat: "Sat",
  sun: "Sun",
};

const WHOLE_DAY: WorkSpan = { opens: "00:00", closes: "24:00" };

export const OFFICE: WorkWeek = week((day) =>
  day === "sat" || day === "sun" ? [] : [{ opens: "09:00", closes: "17:00" }],
);

/** Hours of somebody who is always at work. */
export const ALWAYS: WorkWeek = week(() => [WHOLE_DAY]);

function week(of: (day: Day) => WorkSpan[]): WorkWeek {
  return Object.fromEntries(DAYS.map((day) => [day, of(day)])) as WorkWeek;
}

export function isAlways(work: Work | undefined): boolean {
  return !work || DAYS.every((day) => spansInWords(work.week[day]) === "00:00–24:00");
}

/** Whether a text is a time on the wall, as `09:00`; `24:00` is the end of the day. */
export function isTime(text: string): boolean {
  return /^([01]\d|2[0-3]):[0-5]\d$/.test(text) || text === "24:00";
}

/** What is wrong with a span; nothing when it is fine. */
export function spanProblem({ opens, closes }: WorkSpan): string | null {
  if (!isTime(opens) || !isTime(closes)) return "Write times as 09:00; the end of the day is 24:00.";
  return opens < closes ? null : "The end has to come after the beginning.";
}

function spansInWords(spans: readonly WorkSpan[] | undefined): string {
  return (spans ?? []).map(({ opens, closes }) => `${opens}–${closes}`).join(", ");
}

/** "Mon to Fri 09:00–17:00, Sat 10:00–12:00"; "Always" for somebody without hours. */
export function hoursInWords(work: Work | undefined): string {
  if (!work || isAlways(work)) return "Always";
  const groups: { from: Day; to: Day; hours: string }[] = [];
  for (const day of DAYS) {
    const hours = spansInWords(work.week[day]);
    const last = groups.at(-1);
    if (last && last.hours === hours) last.to = day;
    else groups.push({ from: day, to: day, hours });
  }
  const open = groups.filter((group) => group.hours !== "");
  if (open.length === 0) return "Never";
  return open
    .map(({ from, to, hours }) => `${from === to ? SHORT[from] : `${SHORT[from]} to ${SHORT[to]}`} ${hours}`)
    .join("; ");
}

/** Days off that are not over on `today` (as `2026-11-29`), the next first. */
export function daysToCome(days: readonly DaysOff[], today: string): DaysOff[] {
  return days.filter(({ to }) => to >= today).sort((a, b) => a.from.localeCompare(b.from));
}

/** "24 Dec", "24 Dec to 1 Jan". */
export function daysInWords({ from, to }: DaysOff): string {
  return from === to ? dayInWords(from) : `${dayInWords(from)} to ${dayInWords(to)}`;
}

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

function dayInWords(day: string): string {
  const at = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(at) ? day : DAY.format(at);
}
