/**
 * Names a reference for people: `steps.score.score` is "Score the lead · score", coloured as the step it comes from.
 */
import { type AvailableData, type DataCategory, keyInWords, type Path } from "../data/available";
import { filterInWords } from "./filters";
import { parseFirstFilled, parseReference, type Reference } from "./parse";

/** What a pill shows. */
export interface Pill {
  /** The step's title, or the root's word for `vars`, `run`, `item`. */
  readonly source: string;
  /** Field trail below the source in words; empty for the whole output. */
  readonly field: string;
  /** Filters in words: "lower case". */
  readonly filters: string;
  readonly category: DataCategory;
  readonly icon?: string | undefined;
  /** False when no earlier step provides the root; the pill is then drawn as broken. */
  readonly known: boolean;
}

const PLAIN_ROOTS: Readonly<Record<string, string>> = {
  item: "Item",
  index: "Position",
  vars: "Variable",
  run: "Run",
};

/** The pill of a reference. */
export function pillOf(reference: Reference, available: readonly AvailableData[]): Pill {
  const root = rootOf(reference.path, available);
  const filters = reference.filters.map(filterInWords).join(", ");
  if (root) {
    const rest = reference.path.slice(root.path.length);
    return {
      source: root.title,
      field: fieldInWords(rest, root.category === "trigger"),
      filters,
      category: root.category,
      icon: root.icon,
      known: true,
    };
  }
  const [first, second] = reference.path;
  const plain = PLAIN_ROOTS[String(first)];
  if (plain !== undefined) {
    return {
      source: plain,
      field: fieldInWords(reference.path.slice(1), false),
      filters,
      category: "plain",
      known: true,
    };
  }
  const ofStep = first === "steps" && second !== undefined;
  return {
    source: ofStep ? `Unknown step “${second}”` : first === "trigger" ? "Trigger" : `Unknown “${first}”`,
    field: fieldInWords(reference.path.slice(ofStep ? 2 : 1), first === "trigger"),
    filters,
    category: first === "trigger" ? "trigger" : "plain",
    known: first === "trigger",
  };
}

/** The pill of what stands in a hole; `null` when it is a formula that has no plain name. */
export function pillOfHole(inner: string, available: readonly AvailableData[]): Pill | null {
  const reference = parseReference(inner);
  if (reference) return pillOf(reference, available);
  const choice = parseFirstFilled(inner);
  const [first, ...others] = choice?.paths ?? [];
  if (!choice || !first) return null;
  const pill = pillOf({ path: first, filters: choice.filters }, available);
  const rest = others.length === 1 ? "or another" : `or ${others.length} others`;
  return { ...pill, field: pill.field === "" ? rest : `${pill.field} ${rest}` };
}

/** The pill in one line of text, as read out by a screen reader. */
export function pillInWords(pill: Pill): string {
  const name = pill.field ? `${pill.source} · ${pill.field}` : pill.source;
  return pill.filters ? `${name}, ${pill.filters}` : name;
}

/** The longest root that starts the path. */
export function rootOf(path: Path, available: readonly AvailableData[]): AvailableData | undefined {
  return available
    .filter((root) => root.path.every((key, at) => path[at] === key))
    .sort((a, b) => b.path.length - a.path.length)[0];
}

/** A trigger's `body` is left out: people think of the form's field, not of the request around it. */
function fieldInWords(path: Path, ofTrigger: boolean): string {
  const shown = ofTrigger && path[0] === "body" && path.length > 1 ? path.slice(1) : path;
  return shown.map((key) => inSentence(keyInWords(key))).join(" · ");
}

/** Inside a pill labels stand mid-line, so they start small unless they are an abbreviation or a name. */
function inSentence(label: string): string {
  const second = label.charAt(1);
  const abbreviation = second !== "" && second === second.toUpperCase() && /[A-Z]/.test(second);
  return abbreviation ? label : label.charAt(0).toLowerCase() + label.slice(1);
}
