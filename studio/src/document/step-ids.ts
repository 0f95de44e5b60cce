/** Step ids are made from titles, so that expressions read like sentences: `steps.score_the_lead.score`. */
import { everyStep } from "./graph";
import type { StepId, WorkflowDocument } from "./types";

const LONGEST = 40;
/** Letters that do not come apart into a plain one and an accent. */
const SPELLED: Readonly<Record<string, string>> = {
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  ł: "l",
  đ: "d",
  þ: "th",
};

/** Lower case, digits and underscores, starting with a letter; accents are dropped, not the letter. */
export function slug(title: string): StepId {
  const plain = title
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[ßæœøłđþ]/g, (letter) => SPELLED[letter] ?? "")
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[^a-z]+/, "")
    .slice(0, LONGEST)
    .replace(/_+$/, "");
  return plain || "step";
}

/** An id for `title` that none of `taken` has, counting up from 2. */
export function freshId(title: string, taken: ReadonlySet<StepId>): StepId {
  const base = slug(title);
  if (!taken.has(base)) return base;
  for (let count = 2; ; count += 1) {
    const ending = `_${count}`;
    const candidate = base.slice(0, LONGEST - ending.length) + ending;
    if (!taken.has(candidate)) return candidate;
  }
}

/** A title that no other step shows: "Wait", then "Wait 2"; a copy of that is "Wait 3". */
export function freshTitle(title: string, taken: ReadonlySet<string>): string {
  if (!taken.has(title)) return title;
  const counted = title.replace(/ \d+$/, "");
  // A number that is part of the name, "Quarter 4", stays one.
  const base = taken.has(counted) ? counted : title;
  for (let count = 2; ; count += 1) if (!taken.has(`${base} ${count}`)) return `${base} ${count}`;
}

/** Ids are unique in the whole document, so bodies count as well. */
export function takenIds(document: WorkflowDocument): Set<StepId> {
  return new Set([...everyStep(document)].map(({ id }) => id));
}

export function takenTitles(document: WorkflowDocument): Set<string> {
  return new Set([...everyStep(document)].map(({ step }) => step.title));
}
