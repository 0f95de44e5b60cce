/** The fields of a lead that rules can ask for. */
import { type LeadField, useOwnFields } from "@/api";
import type { SelectOption } from "@/ui";

const LEAD: readonly (readonly [name: string, label: string])[] = [
  ["company_size", "Company size"],
  ["industry", "Industry"],
  ["job_title", "Job title"],
  ["country", "Country"],
  ["region", "Region"],
  ["city", "City"],
  ["company", "Company"],
  ["email", "E-mail"],
  ["phone", "Phone"],
  ["website", "Website"],
  ["source", "Source"],
  ["utm_source", "UTM source"],
  ["utm_medium", "UTM medium"],
  ["utm_campaign", "UTM campaign"],
  ["consent", "Consent"],
  ["first_name", "First name"],
  ["last_name", "Last name"],
  ["stage", "Stage"],
  ["score", "Score"],
  ["scored.grade", "Grade"],
  ["recycled", "Times it came back"],
  ["owner_id", "Owner"],
  ["created_at", "First seen"],
];

const OPTIONS: SelectOption[] = LEAD.map(([value, label]) => ({ value, label }));

/** What a rule can look at, in the order people think of it; the workspace's own fields come last. */
export function useRuleFields(): SelectOption[] {
  const own = useOwnFields().data ?? [];
  return [...OPTIONS, ...own.map(({ name, label }) => ({ value: name, label, hint: "own field" }))];
}

/** The own field of that name, whose choices can be offered. */
export function useOwnField(name: string): LeadField | undefined {
  return useOwnFields().data?.find((field) => field.name === name);
}
