/** Values, outcomes and promises in plain words. */
import type { Difference, Json, Outcome } from "@/api";
import { STATUS_WORDS } from "@/pages/runs/run-words";

/** A value as people read it in a table of changes; "—" for nothing. */
export function valueInWords(value: Json | undefined): string {
  if (value === null || value === undefined || value === "") return "—";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return value.toLocaleString("en");
  if (typeof value === "string") return value;
  if (Array.isArray(value)) return value.length === 0 ? "—" : value.map(valueInWords).join(", ");
  const { name, title, label } = value as Record<string, unknown>;
  const known = name ?? title ?? label;
  return typeof known === "string" ? known : JSON.stringify(value);
}

/** "Owner Ana Moreau → Ben Okafor". */
export function differenceInWords({ label, old, new: now }: Difference): string {
  return `${label} ${valueInWords(old)} → ${valueInWords(now)}`;
}

const PROMISES: Record<string, string> = {
  none: "Reads only",
  once: "Happens exactly once",
  checked: "Checked before it is repeated",
  uncertain: "After a crash, you decide",
};

/** How often a write can happen, whatever breaks in between. */
export function promiseInWords(promise: string): string {
  return PROMISES[promise] ?? promise;
}

interface OutcomeRow {
  label: string;
  old: string;
  new: string;
  differs: boolean;
}

/**
 * The two outcomes line by line: what every run ends with, then whatever else the server found to differ. Lines that
 * neither outcome knows of are left out.
 */
export function outcomeRows(old: Outcome, now: Outcome, differences: readonly Difference[]): OutcomeRow[] {
  const rows: OutcomeRow[] = [];
  const add = (label: string, before: string, after: string) => {
    if (before === "—" && after === "—") return;
    rows.push({ label, old: before, new: after, differs: before !== after });
  };
  add("Ended", STATUS_WORDS[old.status].label, STATUS_WORDS[now.status].label);
  for (const [label, read] of FACTS) add(label, valueInWords(read(old)), valueInWords(read(now)));
  const told = new Set(rows.map(({ label }) => label.toLowerCase()));
  for (const { label, old: before, new: after } of differences) {
    if (!told.has(label.toLowerCase())) add(label, valueInWords(before), valueInWords(after));
  }
  return rows;
}

const FACTS: readonly [string, (outcome: Outcome) => Json | undefined][] = [
  ["Owner", (outcome) => outcome.owner],
  ["Stage", (outcome) => outcome.stage],
  ["Score", (outcome) => outcome.score],
  ["Lists", (outcome) => outcome.lists ?? null],
];

/** "Owner Ana Moreau, stage SQL": what a kept run is expected to come to. */
export function outcomeInWords(outcome: Outcome): string {
  const facts = FACTS.flatMap(([label, read]) => {
    const value = valueInWords(read(outcome));
    return value === "—" ? [] : [`${label.toLowerCase()} ${value}`];
  });
  if (facts.length === 0) return STATUS_WORDS[outcome.status].label;
  const words = facts.join(", ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
