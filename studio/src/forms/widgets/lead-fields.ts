/**
 * Fields of the lead named without braces, as score rules may: `company_size` is that field of the lead the step
 * works on.
 */
import type { DataContext } from "@/document/available-data";
import { type Condition, groupKind, isGroup, makeGroup, membersOf } from "../condition/model";
import { keyInWords } from "../data/available";
import { follow } from "../data/follow";
import { pathToHole, soleReference } from "../template/parse";

/** The canonical record's own fields, in the order people think of them. */
const CORE = [
  "email",
  "phone",
  "first_name",
  "last_name",
  "job_title",
  "company",
  "company_size",
  "industry",
  "website",
  "country",
  "city",
  "region",
  "postal_code",
  "source",
  "utm_source",
  "utm_medium",
  "utm_campaign",
  "utm_term",
  "utm_content",
  "consent",
  "consent_at",
  "consent_source",
  "stage",
  "score",
] as const;

/** True for text that names a field of the lead instead of being a template. */
export function isLeadField(field: string): boolean {
  return field !== "" && !field.includes("{{");
}

/** A choice of lead field. */
export interface LeadField {
  readonly name: string;
  readonly title: string;
}

/** The core fields and the workspace's own ones that the sample lead has. */
export function leadFieldsOf(lead: unknown, context: DataContext): LeadField[] {
  const own = ownFieldsOf(sampleLead(lead, context));
  return [...CORE, ...own.filter((name) => !isCore(name))].map((name) => ({ name, title: keyInWords(name) }));
}

/**
 * The condition with bare names turned into holes on the given lead, so that it can be tried out by itself.
 * Without a lead to point at it stays as it is.
 */
export function pointAtLead(condition: Condition, lead: unknown): Condition {
  if (isGroup(condition)) {
    return makeGroup(
      groupKind(condition),
      membersOf(condition).map((member) => pointAtLead(member, lead)),
    );
  }
  const reference = typeof lead === "string" ? soleReference(lead) : null;
  if (!isLeadField(condition.field) || !reference) return condition;
  const [first, ...rest] = condition.field.trim().split(".");
  const below =
    isCore(first ?? "") || rest.length > 0 ? [first ?? "", ...rest] : ["fields", condition.field.trim()];
  return { ...condition, field: pathToHole([...reference.path, ...below]) };
}

function isCore(name: string): boolean {
  return (CORE as readonly string[]).includes(name);
}

function sampleLead(lead: unknown, context: DataContext): unknown {
  const reference = typeof lead === "string" ? soleReference(lead) : null;
  return reference ? follow(context, reference.path) : undefined;
}

function ownFieldsOf(lead: unknown): string[] {
  if (lead === null || typeof lead !== "object" || !("fields" in lead)) return [];
  const { fields } = lead;
  return fields !== null && typeof fields === "object" ? Object.keys(fields) : [];
}
