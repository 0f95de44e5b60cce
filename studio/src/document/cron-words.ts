/**
 * The commonest schedules in words, for one line on a card: "every weekday at 08:00". The server puts any schedule
 * into words; a card cannot ask it, so rarer ones stay as they were written.
 */
const DAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

export function cronWords(cron: string): string {
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = cron.trim().split(/\s+/);
  if (month !== "*") return cron;
  const every = /^\*\/(\d+)$/;
  const anyDay = day === "*" && weekday === "*";
  if (anyDay && hour === "*") {
    if (minute === "*") return "every minute";
    const step = every.exec(minute)?.[1];
    if (step) return `every ${step} minutes`;
    return isNumber(minute) ? `every hour at ${pad(minute)} past` : cron;
  }
  if (anyDay && minute === "0" && every.test(hour)) return `every ${every.exec(hour)?.[1]} hours`;
  if (!isNumber(minute) || !isNumber(hour)) return cron;
  const at = `at ${pad(hour)}:${pad(minute)}`;
  if (anyDay) return `every day ${at}`;
  if (day === "*") {
    if (weekday === "1-5") return `every weekday ${at}`;
    return /^[0-7]$/.test(weekday) ? `every ${DAYS[Number(weekday)]} ${at}` : cron;
  }
  return weekday === "*" && isNumber(day) ? `on day ${day} of the month ${at}` : cron;
}

function isNumber(text: string): boolean {
  return /^\d+$/.test(text);
}

function pad(text: string): string {
  return text.padStart(2, "0");
}
