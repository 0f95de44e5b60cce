/**
 * Structured conditions: what they are, how they read, and pure edits of their tree. Whether one holds is the
 * engine's to say; nothing here evaluates.
 */

export const OPERATORS = [
  "equals",
  "not_equals",
  "contains",
  "not_contains",
  "starts_with",
  "ends_with",
  "one_of",
  "not_one_of",
  "greater_than",
  "at_least",
  "less_than",
  "at_most",
  "between",
  "matches",
  "is_empty",
  "is_not_empty",
  "is_true",
  "is_false",
  "before",
  "after",
  "is_free_mailbox",
  "is_not_free_mailbox",
] as const;

export type Operator = (typeof OPERATORS)[number];

/** What the right-hand side of an operator is. */
export type ValueShape = "none" | "one" | "number" | "many" | "range" | "date";

export interface Comparison {
  readonly field: string;
  readonly op: Operator;
  readonly value?: unknown;
}
export interface AllGroup {
  readonly all: readonly Condition[];
}
export interface AnyGroup {
  readonly any: readonly Condition[];
}
export type Condition = Comparison | AllGroup | AnyGroup;
export type Group = AllGroup | AnyGroup;

/** How each operator reads after a field's name, and what it compares with. */
export const OPERATOR_WORDS: Readonly<Record<Operator, { words: string; value: ValueShape }>> = {
  equals: { words: "is", value: "one" },
  not_equals: { words: "is not", value: "one" },
  contains: { words: "contains", value: "one" },
  not_contains: { words: "does not contain", value: "one" },
  starts_with: { words: "starts with", value: "one" },
  ends_with: { words: "ends with", value: "one" },
  one_of: { words: "is one of", value: "many" },
  not_one_of: { words: "is none of", value: "many" },
  greater_than: { words: "is more than", value: "number" },
  at_least: { words: "is at least", value: "number" },
  less_than: { words: "is less than", value: "number" },
  at_most: { words: "is at most", value: "number" },
  between: { words: "is between", value: "range" },
  matches: { words: "matches", value: "one" },
  is_empty: { words: "is empty", value: "none" },
  is_not_empty: { words: "is filled in", value: "none" },
  is_true: { words: "is yes", value: "none" },
  is_false: { words: "is no", value: "none" },
  before: { words: "is before", value: "date" },
  after: { words: "is after", value: "date" },
  is_free_mailbox: { words: "is a free mailbox", value: "none" },
  is_not_free_mailbox: { words: "is a company mailbox", value: "none" },
};

/** Operators in the order people look for them, grouped for the drop-down. */
export const OPERATOR_GROUPS: readonly { readonly title: string; readonly ops: readonly Operator[] }[] = [
  { title: "Any value", ops: ["equals", "not_equals", "one_of", "not_one_of", "is_empty", "is_not_empty"] },
  { title: "Number", ops: ["at_least", "at_most", "greater_than", "less_than", "between"] },
  { title: "Text", ops: ["contains", "not_contains", "starts_with", "ends_with", "matches"] },
  { title: "Yes or no", ops: ["is_true", "is_false"] },
  { title: "Date", ops: ["before", "after"] },
  { title: "E-mail", ops: ["is_free_mailbox", "is_not_free_mailbox"] },
];

export function isGroup(condition: Condition): condition is Group {
  return "all" in condition || "any" in condition;
}

export function groupKind(group: Group): "all" | "any" {
  return "all" in group ? "all" : "any";
}

export function membersOf(group: Group): readonly Condition[] {
  return "all" in group ? group.all : group.any;
}

export function makeGroup(kind: "all" | "any", members: readonly Condition[]): Group {
  return kind === "all" ? { all: members } : { any: members };
}

export const EMPTY_COMPARISON: Comparison = { field: "", op: "equals", value: "" };

/** Reads whatever the document holds as a condition; a stray value becomes an empty "all" group. */
export function asCondition(value: unknown): Condition {
  if (value === null || typeof value !== "object") return { all: [] };
  const record = value as Record<string, unknown>;
  if (Array.isArray(record.all)) return { all: record.all.map(asCondition) };
  if (Array.isArray(record.any)) return { any: record.any.map(asCondition) };
  if (!("field" in record) && !("op" in record)) return { all: [] };
  const op = OPERATORS.includes(record.op as Operator) ? (record.op as Operator) : "equals";
  return {
    field: typeof record.field === "string" ? record.field : "",
    op,
    ...("value" in record ? { value: record.value } : {}),
  };
}

/** The builder always shows a group at the top; a lone comparison is wrapped for editing. */
export function asGroup(value: unknown): Group {
  const condition = asCondition(value);
  return isGroup(condition) ? condition : { all: [condition] };
}

/** Changes the operator and fits the value to its shape, keeping what can be kept. */
export function withOperator(comparison: Comparison, op: Operator): Comparison {
  const { field, value } = comparison;
  switch (OPERATOR_WORDS[op].value) {
    case "none":
      return { field, op };
    case "many":
      return { field, op, value: asMany(value) };
    case "range": {
      const [low, high] = Array.isArray(value) ? value : [value, undefined];
      return { field, op, value: [low ?? "", high ?? ""] };
    }
    default:
      return { field, op, value: Array.isArray(value) ? (value[0] ?? "") : (value ?? "") };
  }
}

function asMany(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.filter((item) => item !== "");
  return value === undefined || value === null || value === "" ? [] : [value];
}

/**
 * The typed form of what was written in a value box: `70` is a number, `007` and `70 %` stay text. A number must
 * read back exactly, so that identifiers are never mangled.
 */
export function typedValue(text: string): string | number {
  const number = Number(text);
  return text !== "" && Number.isFinite(number) && String(number) === text ? number : text;
}

/** Moves the member at `from` to stand at `to`. */
export function moved<T>(items: readonly T[], from: number, to: number): T[] {
  const rest = items.filter((_, at) => at !== from);
  const item = items[from];
  if (item === undefined) return [...items];
  const target = Math.max(0, Math.min(to, rest.length));
  return [...rest.slice(0, target), item, ...rest.slice(target)];
}
