/** A span of the past: "the last 7 days", or from one day to another. */

export type SpanKind = "day" | "week" | "month" | "own";

export interface Span {
  kind: SpanKind;
  /** Days as the reader's calendar has them, "2026-11-23"; only used by `own`. */
  from: string;
  to: string;
}

export const SPANS: { value: SpanKind; label: string }[] = [
  { value: "day", label: "Last 24 hours" },
  { value: "week", label: "Last 7 days" },
  { value: "month", label: "Last 30 days" },
  { value: "own", label: "Other days" },
];

const DAYS: Record<Exclude<SpanKind, "own">, number> = { day: 1, week: 7, month: 30 };
const DAY = 86_400_000;

/** The moments a span lies between; null while its days make none. */
export function momentsOf(span: Span, now: Date): { since: string; until: string } | null {
  if (span.kind !== "own") {
    // To the minute, so that counting it twice within one asks the same thing.
    const until = Math.ceil(now.getTime() / 60_000) * 60_000;
    return {
      since: new Date(until - DAYS[span.kind] * DAY).toISOString(),
      until: new Date(until).toISOString(),
    };
  }
  const since = startOf(span.from);
  const last = startOf(span.to);
  if (!since || !last || last < since) return null;
  const until = new Date(last);
  until.setDate(until.getDate() + 1);
  return { since: since.toISOString(), until: until.toISOString() };
}

/** "2026-11-23" of a date, in the reader's time zone. */
export function dayOf(date: Date): string {
  const two = (part: number) => String(part).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** The last seven days, with its days filled in for whoever turns to their own. */
export function usualSpan(now: Date): Span {
  return { kind: "week", from: dayOf(new Date(now.getTime() - 7 * DAY)), to: dayOf(now) };
}

function startOf(day: string): Date | null {
  const moment = /^\d{4}-\d{2}-\d{2}$/.test(day) ? new Date(`${day}T00:00:00`) : null;
  return moment && !Number.isNaN(moment.getTime()) ? moment : null;
}
