/** Routing tables, service levels, calendars and enrichments: drafts, what is in force, and what a draft would do. */
import { useQuery } from "@tanstack/react-query";
import { ask } from "./ask";
import { whenReachable } from "./connection";
import { keys } from "./queries";

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
  | { kind: "team"; name: string }
  | { kind: "list"; name: string }
  | { kind: "account_owner" };

export interface RoutingRow {
  id: string;
  /** None when the row is for everybody. */
  cells?: Record<string, string>;
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
    reassign:
      | { to: "nobody" | "next_in_pool" | "same_team" }
      | { to: "pool"; name: string }
      | { to: "team"; name: string };
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

/** The counters of a candidate. */
export interface Standing {
  credit: number;
  assigned: number;
  /** Open leads, where a rule asks. */
  open?: number;
  counts?: { cap: string; count: number; limit: number }[];
}

export interface Candidate {
  owner_id: string;
  name: string;
  weight: number;
  outcome:
    | "chosen"
    | "not_their_turn"
    | "not_active"
    | "no_weight"
    | "excluded"
    | "not_at_work"
    | "cap_reached"
    | "at_capacity";
  why: string;
  before: Standing;
  after: Standing;
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
  team?: string;
  candidates?: Candidate[];
}

/** A lead got an owner, and why. */
export interface RoutingDecision {
  id: string;
  at: string;
  lead_id: string;
  lead: string;
  owner: string | null;
  before: string | null;
  why: string | null;
  run_id: string | null;
  step: string | null;
  by: string | null;
  /** Nothing when a person chose the owner. */
  decision: Decision | null;
}

/** A table that was read from a file. */
export interface ReadTable {
  table: RoutingTable;
  rows: number;
  problems: { line: number; message: string; left_out: boolean }[];
  notes: string[];
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

/** Whose decisions: of a lead, or of a run. */
export type DecisionsOf = { lead: string; run?: never } | { run: string; lead?: never };

export const routing = {
  explain: (table: RoutingTable, name: string, leadId: string) =>
    ask<Explained>("POST", "/routing/explain", { body: { table, name, lead_id: leadId } }),
  simulate: (table: RoutingTable, name: string, days: number) =>
    ask<TriedOnPast>("POST", "/routing/simulate", { body: { table, name, days } }),
  toSheet: (table: RoutingTable, format: "csv" | "xlsx") =>
    ask<{ media_type: string; base64: string }>("POST", "/routing/sheet", { body: { table, format } }),
  fromSheet: (base64: string, table: RoutingTable) =>
    ask<ReadTable>("POST", "/routing/sheet/read", { body: { base64, table } }),
  /** Under the key of the lead: whatever happens to it may be a decision. */
  decisionsKey: (of: DecisionsOf) =>
    of.lead ? ([...keys.lead(of.lead), "decisions"] as const) : (["decisions", of.run] as const),
  /** Gives a lead to the next in a pool, never to the owner it has. */
  routeByHand: (lead: string, pool: string) =>
    ask<{ items: RoutingDecision[] }>("POST", "/leads/{id}/route", { path: { id: lead }, body: { pool } }),
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

export function useDecisions(of: DecisionsOf, enabled = true) {
  return useQuery({
    queryKey: routing.decisionsKey(of),
    enabled,
    queryFn: async ({ signal }) => {
      await whenReachable();
      const route = of.lead ? "/leads/{id}/decisions" : "/runs/{id}/decisions";
      const asked = { path: { id: (of.lead ?? of.run) as string }, signal };
      return (await ask<{ items: RoutingDecision[] }>("GET", route, asked)).items;
    },
  });
}
