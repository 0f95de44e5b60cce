/**
 * Reads the JSON Schema of a step kind's settings, the subset our descriptors emit, into what a form needs.
 *
 * The server validates; this module only decides which widget a value gets and what it is called.
 */
import type { JsonSchema } from "@/document/types";
import { EMPTY_COMPARISON } from "../condition/model";
import { keyInWords } from "../data/available";

/** The widgets a form can show. */
export type WidgetName =
  | "template"
  | "template_long"
  | "expression"
  | "condition"
  | "rules"
  | "cases"
  | "fields"
  | "field_list"
  | "cron"
  | "duration"
  | "pool"
  | "stage"
  | "segment"
  | "scoring_model"
  | "list"
  | "table"
  | "workflow"
  | "connection"
  | "app_choice"
  | "app_fields"
  | "lead"
  | "secret"
  | "code_json"
  | "headers"
  | "match_on"
  | "file"
  | "options"
  | "choice"
  | "choices"
  | "switch"
  | "timezone"
  | "number"
  | "text"
  | "texts"
  | "object"
  | "rows"
  | "variants";

const HINTED: ReadonlySet<string> = new Set<WidgetName>([
  "template",
  "template_long",
  "expression",
  "condition",
  "rules",
  "cases",
  "fields",
  "field_list",
  "cron",
  "duration",
  "pool",
  "stage",
  "segment",
  "scoring_model",
  "list",
  "table",
  "workflow",
  "connection",
  "app_choice",
  "app_fields",
  "lead",
  "secret",
  "code_json",
  "headers",
  "match_on",
  "file",
  "options",
]);

/** One option of a choice. */
export interface Choice {
  readonly value: unknown;
  readonly label: string;
  readonly description?: string | undefined;
}

/** One property of an object, ready to be drawn. */
export interface FormField {
  readonly name: string;
  readonly schema: JsonSchema;
  readonly title: string;
  readonly description: string;
  readonly widget: WidgetName;
  readonly required: boolean;
  readonly advanced: boolean;
  /** Shown only while every named sibling has the given value. */
  readonly when: Readonly<Record<string, unknown>> | null;
  readonly placeholder: string;
  /** It may be left out: the schema allows nothing in its place. */
  readonly nullable: boolean;
}

/** The fields of an object schema in their written order. */
export function fieldsOf(schema: JsonSchema): FormField[] {
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).map(([name, raw]) => {
    const inner = withoutNull(raw);
    return {
      name,
      schema: inner,
      title: inner.title ?? keyInWords(name),
      description: oneParagraph(inner.description),
      widget: widgetOfField(name, inner),
      required: required.has(name) && !("default" in raw),
      advanced: raw["x-advanced"] === true || inner["x-advanced"] === true,
      when: asRecord(raw["x-when"] ?? inner["x-when"]),
      placeholder: String(inner["x-placeholder"] ?? ""),
      nullable: inner !== raw,
    };
  });
}

/** The fields that apply to the present settings. */
export function visibleFields(fields: readonly FormField[], config: Record<string, unknown>): FormField[] {
  return fields.filter(({ when }) => {
    if (!when) return true;
    return Object.entries(when).every(([sibling, wanted]) => {
      const value = config[sibling] ?? fields.find((field) => field.name === sibling)?.schema.default;
      return Array.isArray(wanted) ? wanted.includes(value) : value === wanted;
    });
  });
}

/** A record that may be left out as a whole, which the form shows as a switch. */
export function isOptionalObject({ nullable, widget }: FormField): boolean {
  return nullable && widget === "object";
}

/** A plain text whose name says what it holds gets the widget made for that. */
const TELLING_NAMES: Readonly<Record<string, WidgetName>> = {
  timezone: "timezone",
  secret: "secret",
  password: "secret",
};

function widgetOfField(name: string, schema: JsonSchema): WidgetName {
  const widget = widgetOf(schema);
  return widget === "text" ? (TELLING_NAMES[name] ?? widget) : widget;
}

/** Which widget draws a value of this schema. */
export function widgetOf(schema: JsonSchema): WidgetName {
  const hint = schema["x-ui"];
  if (typeof hint === "string" && HINTED.has(hint)) return hint as WidgetName;
  if (choicesOf(schema).length > 0) return "choice";
  const variants = variantsOf(schema);
  if (variants.length > 0) return "variants";
  switch (typeOf(schema)) {
    case "boolean":
      return "switch";
    case "integer":
    case "number":
      return "number";
    case "object":
      return schema.properties ? "object" : "code_json";
    case "array": {
      const items = schema.items;
      if (items && choicesOf(withoutNull(items)).length > 0) return "choices";
      if (items && typeOf(withoutNull(items)) === "object") return "rows";
      return "texts";
    }
    case "string":
      return "text";
    default:
      return "code_json";
  }
}

/** The options of an enumeration, written either as `enum` with `x-labels` or as `oneOf` of constants. */
export function choicesOf(schema: JsonSchema): Choice[] {
  if (Array.isArray(schema.enum)) {
    return schema.enum.map((value, at) => ({ value, label: labelOf(schema["x-labels"], value, at) }));
  }
  const options = alternatives(schema);
  if (options.length === 0) return [];
  const choices = options.flatMap((option): Choice[] => {
    if ("const" in option) {
      const label = labelOf(schema["x-labels"], option.const, -1, option.title);
      return [{ value: option.const, label, description: oneParagraph(option.description) || undefined }];
    }
    return Array.isArray(option.enum) ? choicesOf(option) : [];
  });
  const everyOptionIsConstant = options.every((option) => "const" in option || Array.isArray(option.enum));
  return everyOptionIsConstant ? choices : [];
}

/** One shape of a tagged union: objects told apart by a constant property. */
export interface Variant {
  readonly tag: string;
  readonly value: unknown;
  readonly title: string;
  readonly schema: JsonSchema;
}

/** The shapes of a tagged union; empty when the schema is not one. */
export function variantsOf(schema: JsonSchema): Variant[] {
  const options = alternatives(schema);
  const variants = options.flatMap((option): Variant[] => {
    const tagged = Object.entries(option.properties ?? {}).find(([, property]) => "const" in property);
    if (!tagged) return [];
    const [tag, property] = tagged;
    const { [tag]: _, ...properties } = option.properties ?? {};
    const required = (option.required ?? []).filter((name) => name !== tag);
    const value = property.const;
    const title = option.title ?? labelOf(schema["x-labels"], value, -1);
    return [{ tag, value, title, schema: { ...option, properties, required } }];
  });
  return variants.length === options.length ? variants : [];
}

/** The schema without its "or nothing" part: `Option<T>` reads as `T`. */
export function withoutNull(schema: JsonSchema): JsonSchema {
  if (Array.isArray(schema.type)) {
    const [only, ...others] = schema.type.filter((type) => type !== "null");
    const type = others.length === 0 ? only : schema.type.filter((type) => type !== "null");
    const { type: _, ...rest } = schema;
    const cleaned: JsonSchema = type === undefined ? rest : { ...rest, type };
    return Array.isArray(schema.enum)
      ? { ...cleaned, enum: schema.enum.filter((value) => value !== null) }
      : cleaned;
  }
  const options = alternatives(schema);
  const kept = options.filter((option) => option.type !== "null");
  const [only] = kept;
  if (kept.length === options.length || !only) return schema;
  const { anyOf: _a, oneOf: _o, ...own } = schema;
  return kept.length === 1 ? { ...only, ...own } : { ...own, oneOf: kept };
}

/** The value a fresh field starts with. */
export function initialValue(schema: JsonSchema): unknown {
  if ("default" in schema) return schema.default;
  // An empty condition always holds; one line to fill in cannot be overlooked.
  if (schema["x-ui"] === "condition") return { all: [EMPTY_COMPARISON] };
  const [choice] = choicesOf(schema);
  if (choice) return choice.value;
  const [variant] = variantsOf(schema);
  if (variant) return { [variant.tag]: variant.value, ...initialObject(variant.schema) };
  switch (typeOf(schema)) {
    case "boolean":
      return false;
    case "array":
      return [];
    case "object":
      return initialObject(schema);
    case "integer":
    case "number":
      return typeof schema.minimum === "number" ? Math.max(0, schema.minimum) : 0;
    default:
      return "";
  }
}

/** An object holding its required properties only. */
export function initialObject(schema: JsonSchema): Record<string, unknown> {
  const required = new Set(schema.required ?? []);
  const present = Object.entries(schema.properties ?? {}).filter(
    ([name, inner]) => required.has(name) || "default" in inner,
  );
  return Object.fromEntries(present.map(([name, inner]) => [name, initialValue(withoutNull(inner))]));
}

/** The JSON type, or `undefined` when several are allowed. */
export function typeOf(schema: JsonSchema): string | undefined {
  if (typeof schema.type === "string") return schema.type;
  return schema.properties ? "object" : undefined;
}

function alternatives(schema: JsonSchema): JsonSchema[] {
  const options = schema.oneOf ?? schema.anyOf;
  return Array.isArray(options) ? (options as JsonSchema[]) : [];
}

function labelOf(labels: unknown, value: unknown, at: number, title?: string): string {
  if (Array.isArray(labels) && typeof labels[at] === "string") return labels[at];
  const record = asRecord(labels);
  const named = record?.[String(value)];
  if (typeof named === "string") return named;
  return title ?? keyInWords(String(value));
}

function asRecord(value: unknown): Record<string, unknown> | null {
  return value !== null && typeof value === "object" && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

/** Doc comments come with line breaks; a form shows their first paragraph as one line. */
function oneParagraph(description: string | undefined): string {
  return (description?.split(/\n\s*\n/)[0] ?? "").replace(/\s+/g, " ").trim();
}
