/** How decisions of routing read. */
import type { Candidate, Decision } from "@/api";

export const OUTCOME_WORDS: Record<Candidate["outcome"], string> = {
  chosen: "Chosen",
  not_their_turn: "Not their turn",
  not_active: "Switched off",
  no_weight: "Weight 0",
  excluded: "Had it before",
  not_at_work: "Not at work",
  cap_reached: "Cap reached",
  at_capacity: "At capacity",
};

export const OUTCOME_TONES: Record<Candidate["outcome"], "neutral" | "ok" | "warn"> = {
  chosen: "ok",
  not_their_turn: "neutral",
  not_active: "neutral",
  no_weight: "neutral",
  excluded: "warn",
  not_at_work: "warn",
  cap_reached: "warn",
  at_capacity: "warn",
};

/** "3 → 4", or "3" for what stayed. */
export function moved(before: number, after: number): string {
  return before === after ? sign(before) : `${sign(before)} → ${sign(after)}`;
}

function sign(count: number): string {
  return count.toLocaleString("en").replace("-", "−");
}

/** What was passed over before the row that decided, a sentence each. */
export function passedInWords(passed: Decision["passed"]): string[] {
  return (passed ?? []).map(({ row, why }) =>
    row > 0 ? `Row ${row} not: ${why}.` : `Before the rows: ${why}.`,
  );
}

/** Where it was decided: "Row 2 of Territories, version 3", "The pool AE". */
export function placeInWords({ table, version, row, pool, team }: Decision): string {
  if (table) {
    const where = row ? `Row ${row} of ${table}` : `${table}, before its rows`;
    return version ? `${where}, version ${version}` : where;
  }
  if (pool) return `The pool ${pool}`;
  return team ? `The team ${team}` : "";
}
