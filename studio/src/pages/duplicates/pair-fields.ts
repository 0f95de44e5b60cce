/** A pair of leads as rows that people compare, and which lead's value each row keeps. */
import type { DuplicatePair, PairLead } from "@/api";

export interface PairField {
  /** As the server names it: `email`, `fields.plan`. */
  name: string;
  label: string;
  left: string;
  right: string;
  /** How the two stand to one another. */
  is: "same" | "only_left" | "only_right" | "different";
}

const FIELDS: Record<string, string> = {
  external_id: "External ID",
  email: "E-mail",
  phone: "Phone",
  first_name: "First name",
  last_name: "Last name",
  job_title: "Job title",
  company: "Company",
  company_size: "Company size",
  industry: "Industry",
  website: "Website",
  country: "Country",
  city: "City",
  region: "Region",
  postal_code: "Postal code",
  source: "Source",
  stage: "Stage",
  score: "Score",
};

/** Rows of everything that at least one of the two holds, in the order people read them; differences first. */
export function fieldsOf({ left, right }: DuplicatePair): PairField[] {
  const own = [...new Set([...Object.keys(left.fields ?? {}), ...Object.keys(right.fields ?? {})])].sort();
  const rows = [
    ...Object.entries(FIELDS).map(([name, label]) => row(name, label, left[name], right[name])),
    ...own.map((name) => row(`fields.${name}`, name, left.fields?.[name], right.fields?.[name])),
  ];
  const told = rows.filter((field) => field.left !== "" || field.right !== "");
  return [...told.filter((field) => field.is !== "same"), ...told.filter((field) => field.is === "same")];
}

function row(name: string, label: string, left: unknown, right: unknown): PairField {
  const field = { name, label, left: words(left), right: words(right) };
  if (field.left === field.right) return { ...field, is: "same" };
  if (field.right === "") return { ...field, is: "only_left" };
  if (field.left === "") return { ...field, is: "only_right" };
  return { ...field, is: "different" };
}

function words(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** Whose value a row keeps unless somebody chooses: the survivor's, or the only one there is. */
export function winnerOf(field: PairField, pair: DuplicatePair, survivor: string): string {
  if (field.is === "only_left") return pair.left.id;
  if (field.is === "only_right") return pair.right.id;
  return survivor;
}

/** What people call a lead. */
export const nameOf = (lead: PairLead) => lead.name || "Unnamed lead";

/** "97 %", and never "100 %": nobody is certain. */
export function percent(probability: number): string {
  return `${Math.min(Math.floor(probability * 1000) / 10, 99.9)} %`;
}
