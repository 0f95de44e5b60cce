/** Moments in words, in the reader's own time zone. The wire speaks RFC 3339 in UTC. */

const DATE_TIME = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short" });
const DATE = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium" });
const CLOCK = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

/** "23 Nov 2026, 09:12"; empty for a missing or unreadable moment. */
export function dateTime(moment: string | null | undefined): string {
  return format(DATE_TIME, moment);
}

/** "23 Nov 2026". */
export function date(moment: string | null | undefined): string {
  return format(DATE, moment);
}

/** "09:12:04". */
export function clock(moment: string | null | undefined): string {
  return format(CLOCK, moment);
}

/** "just now", "4 min ago", "yesterday", then the date. A moment slightly ahead (clocks differ) is "just now". */
export function ago(moment: string | null | undefined, now: number = Date.now()): string {
  const then = moment ? Date.parse(moment) : Number.NaN;
  if (Number.isNaN(then)) return "";
  const seconds = Math.round((now - then) / 1000);
  if (seconds < 10) return "just now";
  if (seconds < 60) return `${seconds} s ago`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ago`;
  const days = Math.floor(hours / 24);
  if (days === 1) return "yesterday";
  return days < 7 ? `${days} days ago` : date(moment);
}

function format(formatter: Intl.DateTimeFormat, moment: string | null | undefined): string {
  const time = moment ? Date.parse(moment) : Number.NaN;
  return Number.isNaN(time) ? "" : formatter.format(time);
}
