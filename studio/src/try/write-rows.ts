/** What dry runs would write, as the rows of one table and as a file. */
import type { DryRunDetail, Job, JobItem, Json, StepId, Write } from "@/api";
import { promiseInWords, valueInWords } from "./values";

export interface WriteRow {
  key: string;
  item: JobItem<DryRunDetail>;
  /** Null for an event that would write nothing. */
  write: Write | null;
  /** "Owner"; empty where a write changes no field we know of, like a call to another system. */
  label: string;
  old: string;
  new: string;
  request: Json | undefined;
  /** How many rows its event and its write have, on their first row, which says who and what; 0 on the others. */
  itemRows: number;
  writeRows: number;
}

/** One row per changed field. `step` leaves only what that step writes; "" is every step. */
export function writeRows(items: readonly JobItem<DryRunDetail>[], step: StepId | ""): WriteRow[] {
  return items.flatMap((item) => {
    const rows = item.detail.writes
      .filter((write) => step === "" || write.step === step)
      .flatMap((write, place) => rowsOfWrite(item, write, place));
    if (rows.length === 0 && step === "") rows.push(emptyRow(item));
    return rows.map((row, index) => ({ ...row, itemRows: index === 0 ? rows.length : 0 }));
  });
}

function rowsOfWrite(item: JobItem<DryRunDetail>, write: Write, place: number): WriteRow[] {
  const row = { ...emptyRow(item), write, request: write.request };
  if (write.changes.length === 0) return [{ ...row, key: `${item.seq}/${place}` }];
  return write.changes.map((change, index) => ({
    ...row,
    key: `${item.seq}/${place}/${change.label}`,
    label: change.label,
    old: valueInWords(change.old),
    new: valueInWords(change.new),
    request: index === 0 ? write.request : undefined,
    writeRows: index === 0 ? write.changes.length : 0,
  }));
}

function emptyRow(item: JobItem<DryRunDetail>): WriteRow {
  return {
    key: String(item.seq),
    item,
    write: null,
    label: "",
    old: "",
    new: "",
    request: undefined,
    itemRows: 1,
    writeRows: 1,
  };
}

/** The steps that would write something, in the order they first do. */
export function writingSteps(items: readonly JobItem<DryRunDetail>[]): { id: StepId; title: string }[] {
  const steps = new Map<StepId, string>();
  for (const { detail } of items)
    for (const { step, step_title } of detail.writes) steps.set(step, step_title);
  return [...steps].map(([id, title]) => ({ id, title }));
}

const COLUMNS = ["About", "Outcome", "Step", "Who or what", "Field", "Before", "After", "Promise", "Error"];

/** The rows as CSV (RFC 4180), with what a spreadsheet would run as a formula made harmless. */
export function writesAsCsv(rows: readonly WriteRow[]): string {
  const lines = rows.map(({ item, write, label, old, new: now }) => [
    item.subject ?? "",
    item.detail.status,
    write?.step_title ?? "",
    write?.what ?? "would write nothing",
    label,
    old,
    now,
    write ? promiseInWords(write.promise) : "",
    item.detail.error ? `${item.detail.error.code} ${item.detail.error.message}` : "",
  ]);
  return `${[COLUMNS, ...lines].map((line) => line.map(cell).join(",")).join("\r\n")}\r\n`;
}

function cell(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Name of the exported file: "dry-run-2026-11-23.csv". */
export function csvName(job: Pick<Job, "created_at">): string {
  return `dry-run-${job.created_at.slice(0, 10)}.csv`;
}
