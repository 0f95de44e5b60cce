/** The companies leads work for, and which lead belongs to which. */
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ask } from "./ask";
import { whenReachable } from "./connection";
import type { Job } from "./jobs";
import { RENEW, renewFirstPage } from "./renewal";
import type { Json } from "./types";

export interface NamedThing {
  id: string;
  name: string;
}

export interface Opportunity {
  amount: number | null;
  stage: string | null;
  since: string | null;
}

export interface AccountSummary {
  id: string;
  name: string;
  domains: string[];
  owner: NamedThing | null;
  region: string | null;
  country: string | null;
  city: string | null;
  industry: string | null;
  size: number | null;
  is_named: boolean;
  opportunity: Opportunity | null;
  leads: number;
  updated_at: string;
}

export interface AccountLead {
  id: string;
  name: string;
  email: string | null;
  company: string | null;
  stage: string;
  /** Why it belongs to the account, in words. */
  reason: string | null;
  confidence: number | null;
  /** A person decided it. */
  is_confirmed: boolean;
}

export interface Account extends Omit<AccountSummary, "leads"> {
  aliases: string[];
  /** The accounts it is a part of, the nearest first. */
  parents: NamedThing[];
  children: NamedThing[];
  postal_code: string | null;
  street: string | null;
  external_ids: Record<string, string>;
  fields: Record<string, Json>;
  lead_count: number;
  leads: AccountLead[];
  created_at: string;
}

export interface AccountFilter {
  search?: string | undefined;
  owner?: string | undefined;
  named?: string | undefined;
  open?: string | undefined;
}

interface Paged<Item> {
  items: Item[];
  next: string | null;
  total: number;
}

/** Something that happened to an account, or to one of its leads. */
export interface AccountEntry {
  id: string;
  at: string;
  title: string;
  why: string | null;
  /** None when it happened to the account itself. */
  lead: NamedThing | null;
  kind: string;
  old: Json;
  new: Json;
  run_id: string | null;
  by: string | null;
}

/** New values by name of the field; `null` takes one away. */
export interface AccountInput {
  fields: Record<string, Json>;
  owner?: string;
  parent?: string;
}

export type MatchStatus = "matched" | "ambiguous" | "none" | "later" | "not_a_company";

export interface Evidence {
  about: "domain" | "name" | "address";
  text: string;
  speaks_for: boolean;
}

export interface Suggestion {
  id: string;
  name: string;
  confidence: number;
  domains: string[];
  country: string | null;
  city: string | null;
  is_open: boolean;
  is_named: boolean;
  evidence: Evidence[];
}

/** A lead beside the accounts it may belong to. */
export interface AccountMatch {
  lead: NamedThing;
  email: string | null;
  company: string | null;
  website: string | null;
  country: string | null;
  city: string | null;
  status: MatchStatus;
  reason: string;
  suggestions: Suggestion[];
  at: string;
}

export type MatchCounts = Record<MatchStatus, number>;

export interface Decide {
  decision: "accept" | "not_a_company" | "later" | "back";
  leads?: { lead_id: string; account_id?: string }[];
  /** All that wait and are at least this sure, instead of naming leads. */
  all_from?: number;
  learn_domain?: boolean;
  learn_name?: boolean;
}

export interface Decided {
  done: string[];
  failed: { lead_id: string; message: string }[];
  learned: string[];
}

export interface MatchingSettings {
  accept_from: number;
  suggest_from: number;
  margin: number;
  tie_breakers: string[];
  mailbox_providers: string[];
}

export interface MatchingInForce {
  settings: MatchingSettings;
  /** Null as long as the defaults hold. */
  version: number | null;
  words: string[];
  /** All there are. */
  tie_breakers: string[];
}

export interface AccountImport {
  columns: { name: string; field: string; samples: string[] }[];
  rows: number;
  looked_at: number;
  created: number;
  changed: number;
  unchanged: number;
  failed: number;
  problems: { line: number; message: string }[];
}

export interface ImportInput {
  text: string;
  mapping?: Record<string, string>;
  existing?: "leave" | "fill_empty" | "newer_wins";
  dry: boolean;
}

const at = (id: string) => ({ path: { id } });

export const accountsApi = {
  list: (query: AccountFilter & { cursor?: string | undefined }, signal?: AbortSignal) =>
    ask<Paged<AccountSummary>>("GET", "/accounts", { query: { ...query }, signal }),
  account: (id: string, signal?: AbortSignal) => ask<Account>("GET", "/accounts/{id}", { ...at(id), signal }),
  timeline: (id: string, cursor?: string, signal?: AbortSignal) =>
    ask<{ items: AccountEntry[]; next: string | null }>("GET", "/accounts/{id}/timeline", {
      ...at(id),
      query: { cursor, limit: 30 },
      signal,
    }),
  create: (body: AccountInput) => ask<{ id: string; why: string | null }>("POST", "/accounts", { body }),
  change: (id: string, body: AccountInput) =>
    ask<{ id: string; why: string | null }>("PATCH", "/accounts/{id}", { ...at(id), body }),
  remove: (id: string) => ask<void>("DELETE", "/accounts/{id}", at(id)),
  importTable: (body: ImportInput) => ask<AccountImport>("POST", "/accounts/import", { body }),
  matches: (
    query: { status: MatchStatus; search?: string | undefined; cursor?: string | undefined },
    signal?: AbortSignal,
  ) => ask<Paged<AccountMatch>>("GET", "/account-matches", { query, signal }),
  matchCounts: (signal?: AbortSignal) => ask<MatchCounts>("GET", "/account-matches/summary", { signal }),
  decide: (body: Decide) => ask<Decided>("POST", "/account-matches/decide", { body }),
  matching: (signal?: AbortSignal) => ask<MatchingInForce>("GET", "/matching", { signal }),
  setMatching: (body: { settings: MatchingSettings; base_version: number | null }) =>
    ask<MatchingInForce>("PUT", "/matching", { body }),
  matchAgain: (body: { preview: boolean }) => ask<Job>("POST", "/account-matches/again", { body }),
};

export const accountKeys = {
  all: ["account"] as const,
  list: (filter: AccountFilter) => ["account", "list", filter] as const,
  account: (id: string) => ["account", "one", id] as const,
  timeline: (id: string) => ["account", "one", id, "timeline"] as const,
  matches: ["account-match"] as const,
  matchList: (status: MatchStatus, search: string) => ["account-match", "list", status, search] as const,
  matchCounts: ["account-match", "counts"] as const,
  matching: ["matching"] as const,
};

export const useAccounts = (filter: AccountFilter) =>
  useInfiniteQuery({
    queryKey: accountKeys.list(filter),
    queryFn: async ({ pageParam, signal }) => {
      await whenReachable();
      return accountsApi.list({ ...filter, cursor: pageParam }, signal);
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: renewFirstPage,
  });

export const useAccount = (id: string) =>
  useQuery({
    queryKey: accountKeys.account(id),
    queryFn: async ({ signal }) => {
      await whenReachable();
      return accountsApi.account(id, signal);
    },
  });

export const useAccountTimeline = (id: string) =>
  useInfiniteQuery({
    queryKey: accountKeys.timeline(id),
    queryFn: async ({ pageParam, signal }) => {
      await whenReachable();
      return accountsApi.timeline(id, pageParam, signal);
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const useAccountMatches = (status: MatchStatus, search: string) =>
  useInfiniteQuery({
    queryKey: accountKeys.matchList(status, search),
    queryFn: async ({ pageParam, signal }) => {
      await whenReachable();
      return accountsApi.matches({ status, search, cursor: pageParam }, signal);
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
  });

export const useMatchCounts = () =>
  useQuery({
    queryKey: accountKeys.matchCounts,
    queryFn: async ({ signal }) => {
      await whenReachable();
      return accountsApi.matchCounts(signal);
    },
    refetchInterval: RENEW,
  });

export const useMatching = () =>
  useQuery({
    queryKey: accountKeys.matching,
    queryFn: async ({ signal }) => {
      await whenReachable();
      return accountsApi.matching(signal);
    },
  });
