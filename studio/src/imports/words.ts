/** What people read about imports. */
import type { Fate, ImportStatus } from "@/api";
import type { Tone } from "@/ui";

export const FATE_WORDS: Record<Fate, { label: string; help: string; tone: Tone }> = {
  created: { label: "New leads", help: "Nobody is known by their e-mail, phone or id.", tone: "ok" },
  updated: { label: "Updated", help: "The lead is known and the row has something new.", tone: "accent" },
  unchanged: { label: "Nothing new", help: "The lead is known and has all of it already.", tone: "neutral" },
  duplicate: {
    label: "Duplicates",
    help: "An earlier row of the file is about the same lead.",
    tone: "neutral",
  },
  skipped: { label: "Left out", help: "By what you chose about known and new leads.", tone: "neutral" },
  failed: {
    label: "Cannot be used",
    help: "Each with its reason; they hold no other row back.",
    tone: "bad",
  },
};

export const STATUS_WORDS: Record<ImportStatus, { label: string; tone: Tone }> = {
  reading: { label: "Being read", tone: "accent" },
  ready: { label: "To be set up", tone: "warn" },
  previewing: { label: "Being previewed", tone: "accent" },
  previewed: { label: "Ready to run", tone: "warn" },
  running: { label: "Running", tone: "accent" },
  paused: { label: "Paused", tone: "warn" },
  done: { label: "Done", tone: "ok" },
  cancelled: { label: "Ended early", tone: "neutral" },
  failed: { label: "Failed", tone: "bad" },
  undoing: { label: "Being undone", tone: "accent" },
  undone: { label: "Undone", tone: "neutral" },
};

const DELIMITERS: Record<string, string> = { ",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars" };

/** "semicolons" for ";". */
export function delimiterWords(delimiter: string | null): string {
  return (delimiter && DELIMITERS[delimiter]) || "commas";
}

export function count(number: number): string {
  return number.toLocaleString("en");
}

/** A value as a person writes it; an empty one is said to be so. */
export function shown(value: unknown): string {
  if (value === null || value === undefined || value === "") return "nothing";
  if (value === true) return "yes";
  if (value === false) return "no";
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The code at the beginning of an error, and the rest of it. */
export function splitError(error: string): { code: string | null; text: string } {
  const match = /^([A-Z]{2,6}-\d{4}): (.*)$/s.exec(error);
  return match ? { code: match[1] ?? null, text: match[2] ?? "" } : { code: null, text: error };
}

/** Fields of a lead that a column may fill, in the order people think of them. */
export const LEAD_FIELDS: { name: string; label: string }[] = [
  { name: "email", label: "E-mail" },
  { name: "phone", label: "Phone" },
  { name: "external_id", label: "External ID" },
  { name: "first_name", label: "First name" },
  { name: "last_name", label: "Last name" },
  { name: "job_title", label: "Job title" },
  { name: "company", label: "Company" },
  { name: "company_size", label: "Company size" },
  { name: "industry", label: "Industry" },
  { name: "website", label: "Website" },
  { name: "country", label: "Country" },
  { name: "region", label: "Region" },
  { name: "city", label: "City" },
  { name: "postal_code", label: "Postal code" },
  { name: "source", label: "Source" },
  { name: "consent", label: "Consent" },
  { name: "consent_source", label: "Source of the consent" },
  { name: "utm_source", label: "UTM source" },
  { name: "utm_medium", label: "UTM medium" },
  { name: "utm_campaign", label: "UTM campaign" },
];
