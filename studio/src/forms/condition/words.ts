/**
 * Conditions as sentences: "score is at least 70 and country is one of Germany, France".
 */
import type { AvailableData } from "../data/available";
import { parseTemplate } from "../template/parse";
import { pillOfHole } from "../template/pill";
import { type Comparison, type Condition, groupKind, isGroup, membersOf, OPERATOR_WORDS } from "./model";

/** The condition in words; "always" when it asks for nothing. */
export function conditionInWords(condition: Condition, available: readonly AvailableData[]): string {
  return phrase(condition, available, true);
}

function phrase(condition: Condition, available: readonly AvailableData[], outermost: boolean): string {
  if (!isGroup(condition)) return comparisonInWords(condition, available);
  const parts = membersOf(condition).map((member) => phrase(member, available, false));
  const [only] = parts;
  if (only === undefined) return groupKind(condition) === "all" ? "always" : "never";
  if (parts.length === 1) return only;
  const joined = parts.join(groupKind(condition) === "all" ? " and " : " or ");
  return outermost ? joined : `(${joined})`;
}

/** One comparison in words. */
export function comparisonInWords(comparison: Comparison, available: readonly AvailableData[]): string {
  const { words, value } = OPERATOR_WORDS[comparison.op];
  const field = fieldInWords(comparison.field, available);
  if (value === "none") return `${field} ${words}`;
  const compared =
    value === "range" ? rangeInWords(comparison.value) : valueInWords(comparison.value, available);
  return `${field} ${words} ${compared}`;
}

const BARE_NAME = /^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$/;

/** The field's own name without its step, which reads better inside a sentence. */
export function fieldInWords(template: string, available: readonly AvailableData[]): string {
  const text = template.trim();
  if (text === "") return "…";
  // A bare name is a field of the lead at hand.
  if (BARE_NAME.test(text))
    return lastOf(text.replaceAll(".", " · "))
      .replaceAll("_", " ")
      .replace(/^email$/, "e-mail");
  return templateInWords(text, available);
}

/** Text as it is, holes by their names. */
function templateInWords(template: string, available: readonly AvailableData[]): string {
  return parseTemplate(template)
    .map((segment) => {
      if (segment.type === "text") return segment.text;
      const pill = pillOfHole(segment.inner, available);
      if (!pill) return "a formula";
      const name = pill.field === "" ? pill.source : lastOf(pill.field);
      return pill.filters ? `${name} (${pill.filters})` : name;
    })
    .join("")
    .trim();
}

function lastOf(trail: string): string {
  return trail.split(" · ").at(-1) ?? trail;
}

function valueInWords(value: unknown, available: readonly AvailableData[]): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return "…";
    return value.map((item) => valueInWords(item, available)).join(", ");
  }
  if (value === undefined || value === null || value === "") return "…";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "string" ? templateInWords(value, available) : JSON.stringify(value);
}

function rangeInWords(value: unknown): string {
  return Array.isArray(value) ? value.map((item) => (item === "" ? "…" : String(item))).join(" and ") : "…";
}
