/** Values, outcomes and promises in plain words. */
import type { BackTestDetail, Difference, Json, Outcome } from "@/api";
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

/** "Owner Ana Moreau → Ben Okafor", "Owner nobody → Dev Patel". */
export function differenceInWords({ label, old, new: now }: Difference): string {
  const nothing = label.startsWith("Owner") ? "nobody" : label.startsWith("Lists") ? "none" : "nothing";
  const [before, after] = [valueInWords(old), valueInWords(now)].map((words) =>
    words === "—" ? nothing : words,
  );
  return `${label} ${before} → ${after}`;
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

/** Told by the drawing and by how it ended; as a line among others their technical words would only be in the way. */
const TOLD_ELSEWHERE = new Set(["Path", "Status"]);

/** The differences that are worth a line of their own. */
export function differencesToTell(differences: readonly Difference[]): Difference[] {
  return differences.filter(({ label }) => !TOLD_ELSEWHERE.has(label));
}

export interface OutcomeRow {
  label: string;
  old: string;
  new: string;
  differs: boolean;
}

/** What a draft that could not be followed to its end did not come to. */
const NOT_REACHED = "not reached";

/**
 * The two outcomes line by line: what every run ends with, then whatever else the server found to differ. Lines that
 * neither outcome knows of are left out. The server judges what differs: what a draft was cut off from is none.
 */
export function outcomeRows({ old, new: now, differences, not_known }: BackTestDetail): OutcomeRow[] {
  if (!old || !now) return [];
  const differs = (label: string) => differences.some((one) => one.label === label);
  const ended = STATUS_WORDS[old.status].label;
  const ends = not_known.length > 0 ? "not known" : STATUS_WORDS[now.status].label;
  const rows: OutcomeRow[] = [{ label: "Ended", old: ended, new: ends, differs: ended !== ends }];
  for (const [label, read] of FACTS) {
    const [before, after] = [valueInWords(read(old)), valueInWords(read(now))];
    if (before === "—" && after === "—") continue;
    const cut = after === "—" && !differs(label);
    rows.push({ label, old: before, new: cut ? NOT_REACHED : after, differs: differs(label) });
  }
  const told = new Set(rows.map(({ label }) => label));
  for (const { label, old: before, new: after } of differencesToTell(differences)) {
    if (told.has(label)) continue;
    rows.push({ label, old: valueInWords(before), new: valueInWords(after), differs: true });
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
