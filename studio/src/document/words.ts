/** Steps and edges in plain words: the second line of a card, the words on a branch. Never a technical kind. */
import { asCondition } from "@/forms/condition/model";
import { conditionInWords, fieldInWords } from "@/forms/condition/words";
import { type AvailableData, keyInWords } from "@/forms/data/available";
import { cronWords } from "./cron-words";
import { DEFAULT_PORT, type Json, type JsonSchema, type Step, type StepKind } from "./types";

/** Names of things that configs hold by id, by the kind of field (`pool`, `list`, `workflow`) and then by id. */
export type NamedThings = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What words are made from: titles of steps for expressions, names of things for ids. */
export interface WordSources {
  data: readonly AvailableData[];
  named?: NamedThings | undefined;
}

/** Longer than this, a condition is no label for an edge any more. */
const LONGEST_EDGE_WORDS = 36;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** How a step is set up, in one line. */
export function summaryOfStep(step: Step, kind: StepKind | undefined, names: WordSources): string {
  if (!kind) return "This kind of step is not installed";
  const pieces = kind.summary_template.split(/(\{[a-z0-9_.]+\})/);
  let filled = 0;
  let asked = 0;
  const text = pieces
    .map((piece, index) => {
      const field = /^\{(.+)\}$/.exec(piece)?.[1];
      if (field === undefined) return piece;
      asked += 1;
      if (!applies(step.config, field, kind.schema)) return "";
      const { value, schema } = fieldAt(step.config, field, kind.schema);
      // "{fields} fields" brings its own noun, so only the number is wanted.
      const bringsNoun = /^ [a-z]/.test(pieces[index + 1] ?? "");
      const words =
        bringsNoun && Array.isArray(value) && value.length > 0
          ? String(value.length)
          : valueWords(value, schema, names);
      if (words !== "") filled += 1;
      return words;
    })
    .join("");
  if (asked > 0 && filled === 0) return choiceInWords(step.config, pieces, kind.schema) || "Not set up yet";
  const summary = tidyPunctuation(text);
  if (summary !== "") return summary;
  const condition = conditionOf(step, kind);
  return condition === undefined
    ? kind.title
    : softened(conditionInWords(asCondition(condition), names.data));
}

/** The words on an edge that leaves by a port; empty for the plain way on, which needs none. */
export function portWords(
  step: Step,
  kind: StepKind | undefined,
  port: { id: string; label: string },
  names: WordSources,
): string {
  if (port.id === DEFAULT_PORT && port.label === "") return "";
  const condition = conditionOf(step, kind);
  if (condition !== undefined && port.id === "yes") {
    const words = conditionInWords(asCondition(condition), names.data);
    if (words.length <= LONGEST_EDGE_WORDS && words !== "always" && !words.includes("…"))
      return softened(words);
    return lowerFirst(port.label);
  }
  if (port.label !== "") return isOwnLabel(kind, port.id) ? port.label : lowerFirst(port.label);
  return wordsOfCase(step, kind, port.id, names);
}

/** A length of time in its largest whole unit: 7200 is "2 hours". */
export function durationWords(seconds: number): string {
  const units: [number, string][] = [
    [86_400, "day"],
    [3600, "hour"],
    [60, "minute"],
    [1, "second"],
  ];
  const [size, name] = units.find(([size]) => seconds >= size && seconds % size === 0) ?? [1, "second"];
  const count = seconds / size;
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}

/** With all that the line would name hidden by another setting, that setting says what the step does instead. */
function choiceInWords(
  config: Record<string, Json>,
  pieces: readonly string[],
  root: JsonSchema,
): string | undefined {
  for (const piece of pieces) {
    const field = /^\{(.+)\}$/.exec(piece)?.[1];
    if (field === undefined || applies(config, field, root)) continue;
    const [sibling] = Object.keys(root.properties?.[field]?.["x-when"] ?? {});
    const schema = sibling === undefined ? undefined : root.properties?.[sibling];
    const words = sibling === undefined ? undefined : enumLabel(config[sibling] ?? schema?.default, schema);
    if (words) return words;
  }
  return undefined;
}

/** Whether a field counts for the present settings; one that is hidden in the form says nothing on the card. */
function applies(config: Record<string, Json>, path: string, root: JsonSchema): boolean {
  const when = root.properties?.[path]?.["x-when"];
  if (typeof when !== "object" || when === null) return true;
  return Object.entries(when).every(([sibling, wanted]) => {
    const value = config[sibling] ?? root.properties?.[sibling]?.default;
    return Array.isArray(wanted) ? wanted.includes(value) : value === wanted;
  });
}

function fieldAt(
  config: Record<string, Json>,
  path: string,
  root: JsonSchema,
): { value: Json; schema: JsonSchema | undefined } {
  let value: Json = config;
  let schema: JsonSchema | undefined = root;
  for (const key of path.split(".")) {
    value = typeof value === "object" && value !== null ? (value as Record<string, Json>)[key] : undefined;
    schema = schema?.properties?.[key];
  }
  return { value: value ?? schema?.default, schema };
}

function valueWords(value: Json, schema: JsonSchema | undefined, names: WordSources): string {
  if (value === undefined || value === null || value === "") return "";
  const ui = schema?.["x-ui"];
  if (typeof value === "number" && ui === "duration") return durationWords(value);
  if (typeof value === "string" && ui === "cron") return cronWords(value);
  if (ui === "match_on" && Array.isArray(value))
    return value.map((key) => lowerFirst(keyInWords(String(key)))).join(", then ");
  if (ui === "condition") return finished(softened(conditionInWords(asCondition(value), names.data)));
  const things = ui === undefined ? undefined : names.named?.[ui];
  if (things && typeof value === "string" && things[value]) return `“${things[value]}”`;
  // An id of something that is not known (yet) tells nobody anything.
  if (typeof value === "string" && UUID.test(value)) return "";
  const label = enumLabel(value, schema);
  if (label) return label;
  if (Array.isArray(value)) return countWords(value, schema);
  if (typeof value === "object") return "";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "string" ? fieldInWords(value, names.data) : String(value);
}

function enumLabel(value: Json, schema: JsonSchema | undefined): string | undefined {
  const labels = schema?.["x-labels"];
  if (Array.isArray(labels)) return labels[schema?.enum?.indexOf(value) ?? -1];
  return labels?.[String(value)];
}

function countWords(list: readonly Json[], schema: JsonSchema | undefined): string {
  if (list.length === 0) return "";
  if (list.length <= 3 && list.every((entry) => typeof entry === "string")) return list.join(", ");
  const many = (schema?.title ?? "entries").toLowerCase();
  const one = many.endsWith("ies") ? `${many.slice(0, -3)}y` : many.replace(/s$/, "");
  return `${list.length} ${list.length === 1 ? one : many}`;
}

function conditionOf(step: Step, kind: StepKind | undefined): Json | undefined {
  const fields = Object.entries(kind?.schema.properties ?? {});
  const field = fields.find(([, schema]) => schema["x-ui"] === "condition")?.[0];
  return field === undefined ? undefined : step.config[field];
}

function wordsOfCase(step: Step, kind: StepKind | undefined, port: string, names: WordSources): string {
  if (kind?.ports.rule !== "cases") return "";
  const cases = step.config[kind.ports.field];
  const found = Array.isArray(cases) ? cases.find((entry) => entry?.id === port) : undefined;
  const words =
    found?.condition === undefined
      ? ""
      : softened(conditionInWords(asCondition(found.condition), names.data));
  return words !== "" && words.length <= LONGEST_EDGE_WORDS ? words : port;
}

/** A condition with gaps says nothing yet. */
function finished(words: string): string {
  return words.includes("…") ? "" : words;
}

/** "is at least 70" reads as "is 70 or more" on an edge, as people say it. */
function softened(words: string): string {
  return words
    .replace(/\bis at least (\S+)$/, "is $1 or more")
    .replace(/\bis at most (\S+)$/, "is $1 or less")
    .replace(/\bis between (\S+) and (\S+)$/, "is $1 to $2");
}

/** Labels of cases are the user's own and stay as written; those of the descriptor read like the rest of a line. */
function isOwnLabel(kind: StepKind | undefined, port: string): boolean {
  return kind?.ports.rule === "cases" && port !== (kind.ports.default_port ?? "default");
}

function lowerFirst(text: string): string {
  // Abbreviations keep their capitals.
  if (/^[A-Z]{2}/.test(text)) return text;
  return text.charAt(0).toLowerCase() + text.slice(1);
}

/** Takes away separators that stand beside nothing because a field is empty, and the plural after a lone one. */
function tidyPunctuation(text: string): string {
  return text
    .replace(/^1 (\w+?)s$/, "1 $1")
    .replace(/\s*·\s*(?=·|$)/g, "")
    .replace(/^\s*·\s*/, "")
    .replace(/\s+/g, " ")
    .trim();
}
