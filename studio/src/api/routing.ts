/** Routing tables, service levels, calendars and enrichments: drafts, what is in force, and what a draft would do. */
import { useQuery } from "@tanstack/react-query";
import { ask } from "./ask";
import { whenReachable } from "./connection";

export type RulebookKind = "routing_table" | "sla_policy" | "calendar" | "enrichment_waterfall";
export type CellKind = "text" | "list" | "number" | "postal_code" | "yes_no";

export interface RoutingColumn {
  id: string;
  title: string;
  field: string;
  kind: CellKind;
}

export type Target =
  | { kind: "owner"; name: string }
  | { kind: "pool"; name: string }
  | { kind: "list"; name: string }
  | { kind: "account_owner" };

export interface RoutingRow {
  id: string;
  cells: Record<string, string>;
  to: Target;
  note?: string;
  off?: boolean;
}

export interface RoutingTable {
  description: string;
  first: { keep_owner: boolean; account_owner: boolean; same_account: boolean };
  columns: RoutingColumn[];
  rows: RoutingRow[];
  fallback: string;
}

export interface Criterion {
  field: string;
  kind: CellKind;
  is: string;
}

export interface SlaTarget {
  within: number;
  warn_before: number;
}

export interface SlaPolicy {
  description: string;
  rank: number;
  when: Criterion[];
  accept?: SlaTarget;
  respond?: SlaTarget;
  around_the_clock: boolean;
  remind_every?: number;
  reminders: number;
  on_breach: {
    reassign: { to: "nobody" } | { to: "next_in_pool" } | { to: "pool"; name: string };
    at_most: number;
    escalate_to?: string;
  };
}

export interface Lint {
  kind: "unreachable" | "overlap" | "gap";
  /** Counted from 1. */
  row?: number;
  other?: number;
  column?: string;
  message: string;
}

export interface Rulebook<Draft = unknown> {
  id: string;
  kind: RulebookKind;
  name: string;
  draft: Draft;
  revision: number;
  version: number | null;
  changed: boolean;
  words: string[];
  published_words: string[];
  problems: { field: string; message: string }[];
  lints: Lint[];
  updated_at: string;
}

export interface RulebookVersion {
  version: number;
  words: string[];
  added: string[];
  removed: string[];
  note: string | null;
  published_by: string | null;
  published_at: string;
  document: unknown;
}

export interface Candidate {
  owner_id: string;
  name: string;
  weight: number;
  outcome: string;
  why: string;
  before: { credit: number; assigned: number };
  after: { credit: number; assigned: number };
}

export interface Decision {
  sentence: string;
  source: string;
  table?: string;
  version?: number;
  row?: number;
  asked?: string[];
  passed?: { row: number; why: string }[];
  pool?: string;
  candidates?: Candidate[];
}

export interface Explained {
  owner: string | null;
  list: string | null;
  decision: Decision;
}

export interface OwnerLoad {
  owner_id: string;
  name: string;
  leads: number;
  waited: number;
  wait_seconds: number;
  longest_wait_seconds: number;
  by_day: Record<string, number>;
}

export interface Simulation {
  leads: number;
  owners: OwnerLoad[];
  rows: { row: number; leads: number }[];
  caps: { owner_id: string; name: string; outcome: string; times: number }[];
  fallbacks: number;
  listed: number;
  failed: number;
  first_failure?: string;
  away: number;
  /** Not at all, under an hour, under 4 hours, under 16 hours, longer. */
  waits: [number, number, number, number, number];
}

export interface TriedOnPast {
  arrivals: number;
  cut: boolean;
  since: string;
  draft: Simulation;
  in_force: Simulation | null;
}

const listKey = (kind: RulebookKind) => ["rulebooks", kind] as const;
const oneKey = (kind: RulebookKind, id: string) => ["rulebooks", kind, id] as const;
const versionsKey = (id: string) => ["rulebooks", "versions", id] as const;

export const rulebooks = {
  listKey,
  oneKey,
  versionsKey,
  create: <Draft>(kind: RulebookKind, name: string, draft: Draft) =>
    ask<Rulebook<Draft>>("POST", "/rulebooks/{kind}", { path: { kind }, body: { name, draft } }),
  /** Without a name it keeps the one it has. */
  save: <Draft>(kind: RulebookKind, id: string, baseRevision: number, draft: Draft, name?: string) =>
    ask<Rulebook<Draft>>("PUT", "/rulebooks/{kind}/{id}", {
      path: { kind, id },
      body: { base_revision: baseRevision, draft, ...(name === undefined ? {} : { name }) },
    }),
  publish: (kind: RulebookKind, id: string, baseRevision: number, note: string) =>
    ask<Rulebook>("POST", "/rulebooks/{kind}/{id}/publish", {
      path: { kind, id },
      body: { base_revision: baseRevision, note },
    }),
  remove: (kind: RulebookKind, id: string) =>
    ask<void>("DELETE", "/rulebooks/{kind}/{id}", { path: { kind, id } }),
};

export const routing = {
  explain: (table: RoutingTable, name: string, leadId: string) =>
    ask<Explained>("POST", "/routing/explain", { body: { table, name, lead_id: leadId } }),
  simulate: (table: RoutingTable, name: string, days: number) =>
    ask<TriedOnPast>("POST", "/routing/simulate", { body: { table, name, days } }),
  toSheet: (table: RoutingTable) => ask<{ csv: string }>("POST", "/routing/sheet", { body: { table } }),
  fromSheet: (csv: string, table: RoutingTable) =>
    ask<{ table: RoutingTable }>("POST", "/routing/sheet/read", { body: { csv, table } }),
};

export function useRulebooks<Draft>(kind: RulebookKind) {
  return useQuery({
    queryKey: listKey(kind),
    queryFn: async ({ signal }) => {
      await whenReachable();
      return ask<{ items: Rulebook<Draft>[] }>("GET", "/rulebooks/{kind}", { path: { kind }, signal });
    },
  });
}

export function useRulebook<Draft>(kind: RulebookKind, id: string) {
  return useQuery({
    queryKey: oneKey(kind, id),
    queryFn: async ({ signal }) => {
      await whenReachable();
      return ask<Rulebook<Draft>>("GET", "/rulebooks/{kind}/{id}", { path: { kind, id }, signal });
    },
  });
}

export function useRulebookVersions(kind: RulebookKind, id: string) {
  return useQuery({
    queryKey: versionsKey(id),
    queryFn: async ({ signal }) => {
      await whenReachable();
      return ask<{ items: RulebookVersion[] }>("GET", "/rulebooks/{kind}/{id}/versions", {
        path: { kind, id },
        signal,
      });
    },
  });
}
