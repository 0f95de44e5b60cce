/**
 * Puts validation messages where they belong. A problem names its place by JSON pointer into the step's config;
 * the form shows it at the deepest field it draws on the way there, so that none is ever lost.
 */
import type { JsonSchema, Problem } from "@/document/types";
import { fieldsOf, typeOf, visibleFields } from "./read";

/** A message at a field, from the server or from the form's own checks. */
export interface FieldMessage {
  /** Of the server's problems; the form's own checks have none. */
  readonly code?: string;
  readonly severity: "error" | "warning";
  readonly message: string;
  readonly action: string;
}

/** Appends one key to a JSON pointer. */
export function pointerTo(parent: string, key: string | number): string {
  return `${parent}/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** True when `pointer` is `ancestor` or lies below it. */
export function isWithin(pointer: string, ancestor: string): boolean {
  return pointer === ancestor || pointer.startsWith(`${ancestor}/`);
}

/**
 * The messages a field itself must show: those exactly at it, or below it at a place no child field draws.
 * `drawn` lists the pointers of all fields on screen below it.
 */
export function messagesAt(
  problems: readonly Problem[],
  pointer: string,
  drawn: readonly string[] = [],
): FieldMessage[] {
  return problems.filter(
    ({ field }) =>
      field !== undefined &&
      isWithin(field, pointer) &&
      !drawn.some((child) => child !== pointer && isWithin(field, child)),
  );
}

/** The problems of the step as a whole, or at fields the form does not show; they stand at its top. */
export function messagesOfStep(problems: readonly Problem[], drawn: readonly string[]): Problem[] {
  return problems.filter(({ field }) => !field || !drawn.some((pointer) => isWithin(field, pointer)));
}

/** The pointers of the top-level fields on screen. */
export function drawnPointers(schema: JsonSchema, config: Record<string, unknown>): string[] {
  return visibleFields(fieldsOf(schema), config).map((field) => pointerTo("", field.name));
}

/**
 * What the form can tell without asking the server: a required field left empty, a value of the wrong type or out
 * of its limits. Values holding `{{ }}` are typed at run time and pass.
 */
export function checkValue(schema: JsonSchema, value: unknown, required: boolean): FieldMessage | null {
  const empty =
    value === undefined || value === null || value === "" || (Array.isArray(value) && value.length === 0);
  if (empty) {
    return required ? { severity: "error", message: "This is needed.", action: "Fill it in." } : null;
  }
  if (typeof value === "string" && value.includes("{{")) return null;
  switch (typeOf(schema)) {
    case "integer":
    case "number":
      return checkNumber(schema, value);
    case "string":
      return checkText(schema, value);
    default:
      return null;
  }
}

function checkNumber(schema: JsonSchema, value: unknown): FieldMessage | null {
  if (typeof value !== "number" || !Number.isFinite(value)) {
    return { severity: "error", message: "This must be a number.", action: "Type digits only." };
  }
  if (typeOf(schema) === "integer" && !Number.isInteger(value)) {
    return { severity: "error", message: "This must be a whole number.", action: "Leave out the decimals." };
  }
  const { minimum, maximum } = schema;
  if (typeof minimum === "number" && value < minimum) {
    return {
      severity: "error",
      message: `The least allowed is ${minimum}.`,
      action: `Enter ${minimum} or more.`,
    };
  }
  if (typeof maximum === "number" && value > maximum) {
    return {
      severity: "error",
      message: `The most allowed is ${maximum}.`,
      action: `Enter ${maximum} or less.`,
    };
  }
  return null;
}

function checkText(schema: JsonSchema, value: unknown): FieldMessage | null {
  if (typeof value !== "string") return null;
  const { minLength, maxLength } = schema;
  if (typeof minLength === "number" && value.length < minLength) {
    return {
      severity: "error",
      message: `At least ${minLength} characters are needed.`,
      action: "Write a longer text.",
    };
  }
  if (typeof maxLength === "number" && value.length > maxLength) {
    return {
      severity: "error",
      message: `At most ${maxLength} characters fit.`,
      action: "Shorten the text.",
    };
  }
  return null;
}
