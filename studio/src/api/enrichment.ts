/** Enrichment: waterfalls as documents, a draft tried on a lead, what was spent, and who said what about a lead. */
import { useQuery } from "@tanstack/react-query";
import { ask } from "./ask";
import { whenReachable } from "./connection";

export interface WantedField {
  field: string;
  /** It counts as filled from this trust on. */
  enough?: number;
}

export interface ProviderFill {
  field: string;
  /** Where it stands in the answer. */
  path: string;
  trust: number;
  /** Days; 0 for always. */
  fresh_days: number;
}

export interface EnrichmentBudget {
  calls_per_day?: number | null;
  calls_per_month?: number | null;
  money_per_day?: number | null;
  money_per_month?: number | null;
}

export type SignIn =
  | { by: "none" }
  | { by: "connection"; connection: string }
  | { by: "bearer"; token: string }
  | { by: "basic"; username: string; password: string }
  | { by: "header"; name: string; value: string };

export interface HttpSource {
  kind: "http";
  method?: "GET" | "POST";
  url: string;
  query?: { name: string; value: string }[];
  headers?: { name: string; value: string }[];
  body?: unknown;
  sign_in?: SignIn;
}

export interface Provider {
  id: string;
  name: string;
  off?: boolean;
  source: HttpSource;
  needs?: string[];
  fills: ProviderFill[];
  found_at?: string;
  not_found_statuses?: number[];
  not_found_days?: number;
  cost_per_call?: number;
  cost_per_hit?: number;
  budget?: EnrichmentBudget;
  per_minute?: number | null;
  attempts?: number;
  wait_seconds?: number;
}

export interface Waterfall {
  description?: string;
  fields: WantedField[];
  trust_of_own?: number;
  providers: Provider[];
  currency: string;
  budget?: EnrichmentBudget;
  max_wait_seconds?: number;
}

export interface Traced {
  provider: string;
  name: string;
  what:
    | "found"
    | "not_found"
    | "remembered"
    | "remembered_not_found"
    | "skipped"
    | "over_budget"
    | "busy"
    | "failed"
    | "would_ask";
  text: string;
  fields?: string[];
  cost?: number;
  at: string;
}

export interface FilledField {
  field: string;
  label: string;
  old: unknown;
  new: unknown;
  provider: string;
  provider_name: string;
  trust: number;
}

export interface TriedEnrichment {
  lead_id: string;
  lead_name: string;
  outcome: "filled" | "complete" | "not_found";
  why: string;
  filled: FilledField[];
  missing: string[];
  trace: Traced[];
  asked: number;
  cost: number;
  currency: string;
}

/** What the timeline keeps of an enrichment. */
export interface EnrichmentDetail {
  fields?: FilledField[];
  trace?: Traced[];
  cost?: number;
  currency?: string;
}

export interface Spent {
  calls: number;
  hits: number;
  money: number;
}

export interface ProviderSpending {
  /** Empty for all of them together. */
  provider: string;
  day: Spent;
  month: Spent;
  next_at: string | null;
}

export interface ValueOrigin {
  field: string;
  label: string;
  provider: string;
  provider_name: string;
  trust: number;
  at: string;
  stale_at: string | null;
  run_id: string | null;
}

/** How often spending and origins are looked at again, in ms: runs change them while nobody does anything. */
const PERIOD = 15_000;

export const enrichment = {
  spendingKey: (id: string) => ["enrichment", "spending", id] as const,
  attempt: (id: string, document: Waterfall, leadId: string) =>
    ask<TriedEnrichment>("POST", "/enrichment/{id}/try", {
      path: { id },
      body: { document, ...(leadId ? { lead_id: leadId } : {}) },
    }),
};

export function useEnrichmentSpending(id: string) {
  return useQuery({
    queryKey: enrichment.spendingKey(id),
    queryFn: async ({ signal }) => {
      await whenReachable();
      return ask<{ items: ProviderSpending[] }>("GET", "/enrichment/{id}/spending", { path: { id }, signal });
    },
    refetchInterval: PERIOD,
  });
}

/** Who gave the values of a lead; looked at again whenever the lead has changed. */
export function useLeadProvenance(lead: string, changedAt: string) {
  return useQuery({
    queryKey: ["enrichment", "provenance", lead, changedAt] as const,
    queryFn: async ({ signal }) => {
      await whenReachable();
      return ask<{ items: ValueOrigin[] }>("GET", "/leads/{id}/provenance", { path: { id: lead }, signal });
    },
    refetchInterval: PERIOD,
  });
}
