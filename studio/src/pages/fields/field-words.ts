/** What people read about own fields, and how their values read. */
import type { FieldType, LeadField } from "@/api";
import type { SelectOption } from "@/ui";

export const TYPE_OPTIONS: readonly (SelectOption & { value: FieldType })[] = [
  { value: "text", label: "Text" },
  { value: "number", label: "Number" },
  { value: "date", label: "Date" },
  { value: "yes_no", label: "Yes or no" },
  { value: "choice", label: "One choice" },
  { value: "choices", label: "Several choices" },
];

export function typeWords(type: FieldType): string {
  return TYPE_OPTIONS.find(({ value }) => value === type)?.label ?? type;
}

export function hasOptions(type: FieldType): boolean {
  return type === "choice" || type === "choices";
}

/** The technical name the server makes of a label, as far as it can be told before. */
export function nameOf(label: string): string {
  return label
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, 36);
}

/** The choices in a text, one a line. */
export function readOptions(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
}

/** A value of a field as people read it; empty for none. */
export function fieldText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (Array.isArray(value)) return value.map(fieldText).join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** What people call the field of that technical name. */
export function fieldLabel(name: string, fields: readonly LeadField[]): string {
  return fields.find((field) => field.name === name)?.label ?? name;
}
