import type { FormField } from "../schema/read";

/** What every widget gets. A widget shows `value` and reports a whole new value; it keeps no copy of its own. */
export interface WidgetProps {
  readonly field: FormField;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
  /** Where the value stands in the step's config, as a JSON pointer. */
  readonly pointer: string;
  /** The record the value stands in, for widgets that read a neighbour (a schedule's time zone). Never written. */
  readonly siblings: Readonly<Record<string, unknown>>;
  /** Ids and states that tie the control to its label and messages. */
  readonly control: ControlIds;
}

export interface ControlIds {
  /** For the control itself, so that the label points at it. */
  readonly id: string;
  readonly labelId: string;
  readonly describedBy: string | undefined;
  readonly invalid: boolean;
  readonly required: boolean;
}

/** The standard attributes of a native or Radix control. */
export function controlProps({ id, describedBy, invalid, required }: ControlIds) {
  return {
    id,
    ...(describedBy ? { "aria-describedby": describedBy } : {}),
    ...(required ? { "aria-required": true as const } : {}),
    ...(invalid ? { "aria-invalid": true as const } : {}),
  };
}

/** Reads a record out of open-ended config. */
export function recordOf(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

/** Reads text out of open-ended config; numbers and booleans are shown as they would be typed. */
export function textOf(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "string"
    ? value
    : typeof value === "object"
      ? JSON.stringify(value)
      : String(value);
}
