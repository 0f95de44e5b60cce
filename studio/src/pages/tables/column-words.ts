/** Columns in words, and what a typed text means in each. */
import type { ColumnKind } from "@/api";

export const KINDS: readonly { value: ColumnKind; label: string }[] = [
  { value: "text", label: "Text" },
  { value: "number", label: "Number" },
  { value: "date", label: "Date" },
  { value: "yes_no", label: "Yes or no" },
  { value: "json", label: "JSON" },
];

/** What stands in a cell, as people read and edit it. */
export function cellText(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The value a typed text stands for; the server says whether it fits the column. */
export function cellValue(kind: ColumnKind, text: string): unknown {
  if (text.trim() === "") return null;
  if (kind !== "json") return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Cells of a text copied from a spreadsheet, row by row. */
export function pastedCells(text: string): string[][] {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(/\n$/, "")
    .split("\n")
    .map((line) => line.split("\t"));
}
