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

function mapStrings(value: Json, map: (text: string) => string): Json {
  if (typeof value === "string") return map(value);
  if (Array.isArray(value)) return value.map((entry) => mapStrings(entry, map));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, mapStrings(entry, map)]));
}
