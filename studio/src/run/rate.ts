/** How fast a loop goes and how long it will take, from what was seen of it while the page was open. Pure. */

/** How many items were through at a moment, in ms since 1970. */
export interface Seen {
  readonly at: number;
  readonly done: number;
}

/** Older sights say little about the present speed, in ms. */
const WINDOW = 20_000;
/** Two sights closer than this tell nothing, in ms. */
const LEAST_SPAN = 900;

/** What was seen, with a new sight added and what is too old left out. */
export function withSight(seen: readonly Seen[], sight: Seen): Seen[] {
  const last = seen.at(-1);
  // A count that went back belongs to another loop, or to a run started again.
  if (last && sight.done < last.done) return [sight];
  if (last && sight.done === last.done && sight.at - last.at < LEAST_SPAN) return [...seen];
  return [...seen.filter(({ at }) => sight.at - at <= WINDOW), sight];
}

/** Items a second; null until enough was seen. */
export function rateOf(seen: readonly Seen[]): number | null {
  const [first, last] = [seen[0], seen.at(-1)];
  if (!first || !last || last.at - first.at < LEAST_SPAN || last.done === first.done) return null;
  return ((last.done - first.done) * 1000) / (last.at - first.at);
}

/** "1,240 a second", "18 a minute". */
export function rateInWords(rate: number): string {
  if (rate >= 1) return `${Math.round(rate).toLocaleString("en")} a second`;
  return `${Math.max(1, Math.round(rate * 60)).toLocaleString("en")} a minute`;
}

/** "about 3 min left"; empty when it cannot be told. */
export function leftInWords(left: number, rate: number): string {
  const seconds = left / rate;
  if (!Number.isFinite(seconds) || seconds <= 0) return "";
  if (seconds < 10) return "a few seconds left";
  if (seconds < 90) return `about ${Math.round(seconds / 5) * 5} s left`;
  if (seconds < 5400) return `about ${Math.round(seconds / 60)} min left`;
  if (seconds < 172_800) return `about ${Math.round(seconds / 3600)} h left`;
  return `about ${Math.round(seconds / 86_400)} days left`;
}
