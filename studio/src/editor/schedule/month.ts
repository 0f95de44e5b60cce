/** Months as a calendar page shows them. Days are plain dates on the schedule's own clock. Pure. */

/** "2026-11" of a day. */
export function monthOf(day: Date): string {
  return `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, "0")}`;
}

/** The month so many before or after. */
export function shifted(month: string, by: number): string {
  const [year = 1970, number = 1] = month.split("-").map(Number);
  return monthOf(new Date(year, number - 1 + by, 1));
}

const TITLE = new Intl.DateTimeFormat("en-GB", { month: "long", year: "numeric" });

/** "November 2026". */
export function monthInWords(month: string): string {
  const [year = 1970, number = 1] = month.split("-").map(Number);
  return TITLE.format(new Date(year, number - 1, 1));
}

/** Whole weeks from Monday, each day as "2026-11-23"; days of the neighbouring months are null. */
export function weeksOf(month: string): (string | null)[][] {
  const [year = 1970, number = 1] = month.split("-").map(Number);
  const before = (new Date(year, number - 1, 1).getDay() + 6) % 7;
  const count = new Date(year, number, 0).getDate();
  const days = [
    ...Array.from({ length: before }, () => null),
    ...Array.from({ length: count }, (_, at) => `${month}-${String(at + 1).padStart(2, "0")}`),
  ];
  const weeks: (string | null)[][] = [];
  for (let at = 0; at < days.length; at += 7) {
    const week = days.slice(at, at + 7);
    weeks.push([...week, ...Array.from({ length: 7 - week.length }, () => null)]);
  }
  return weeks;
}
