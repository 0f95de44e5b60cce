/** What pages about accounts say. */
import type { Json, Opportunity } from "@/api";
import { dateTime } from "@/app/time";

/** "Proposal, 12,500", or what is known of it. */
export function opportunityWords(opportunity: Opportunity): string {
  const amount = opportunity.amount === null ? null : opportunity.amount.toLocaleString("en");
  return [opportunity.stage, amount].filter(Boolean).join(", ") || "Open";
}

/** "since 3 Mar 2026", when that is known. */
export function sinceWords(opportunity: Opportunity): string {
  return opportunity.since ? `since ${dateTime(opportunity.since)}` : "";
}

/** A confidence of 0 to 1 as people read it. */
export function percent(confidence: number): string {
  return `${Math.round(confidence * 100)}%`;
}

/** "1 lead", "3 leads". */
export function count(number: number, one: string): string {
  return `${number.toLocaleString("en")} ${one}${number === 1 ? "" : "s"}`;
}

/** What changed of an account, a line each: "region: nothing → EMEA". */
export function changesInWords(old: Json, now: Json): string[] {
  if (!isRecord(old) || !isRecord(now)) return [];
  return Object.keys(now).map(
    (field) => `${field.replaceAll("_", " ")}: ${shown(old[field])} → ${shown(now[field])}`,
  );
}

function isRecord(value: Json): value is Record<string, Json> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function shown(value: Json | undefined): string {
  if (value === null || value === undefined || value === "") return "nothing";
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
