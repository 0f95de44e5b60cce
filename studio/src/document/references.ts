/** Finding and renaming `steps.<id>` inside the expressions of a config. */
import type { Json, StepId } from "./types";

const EXPRESSION = /\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g;
const DOTTED = /\bsteps\.([a-z][a-z0-9_]*)/g;
const QUOTED = /\bsteps\[\s*(["'])([a-z][a-z0-9_]*)\1\s*\]/g;

/** The same value with every reference to a renamed step following it. Text outside expressions is untouched. */
export function renameReferences(value: Json, names: ReadonlyMap<StepId, StepId>): Json {
  return mapStrings(value, (text) =>
    text.replace(EXPRESSION, (expression) =>
      expression
        .replace(DOTTED, (whole, id: string) => (names.has(id) ? `steps.${names.get(id)}` : whole))
        .replace(QUOTED, (whole, quote: string, id: string) =>
          names.has(id) ? `steps[${quote}${names.get(id)}${quote}]` : whole,
        ),
    ),
  );
}

/** The steps whose output a config reads. */
export function referencedSteps(value: Json): Set<StepId> {
  const found = new Set<StepId>();
  mapStrings(value, (text) => {
    for (const [expression] of text.matchAll(EXPRESSION)) {
      for (const match of expression.matchAll(DOTTED)) if (match[1]) found.add(match[1]);
      for (const match of expression.matchAll(QUOTED)) if (match[2]) found.add(match[2]);
    }
    return text;
  });
  return found;
}

function mapStrings(value: Json, map: (text: string) => string): Json {
  if (typeof value === "string") return map(value);
  if (Array.isArray(value)) return value.map((entry) => mapStrings(entry, map));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, mapStrings(entry, map)]));
}
