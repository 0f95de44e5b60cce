/** Leads that may be one person: pairs to look at, merges, and how they are looked for. */
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ask } from "./ask";
import { whenReachable } from "./connection";
import type { Job } from "./jobs";
import type { Json } from "./types";

export type PairState = "waiting" | "later" | "merged" | "different";

/** One reason for two leads to be one person, or two; `weight` is in bits, below zero speaks against. */
export interface DuplicateReason {
  role: string;
  level: string;
  weight: number;
  text: string;
}

/** A lead as expressions see it: what is missing is absent. */
export interface PairLead {
  id: string;
  name: string;
  fields?: Record<string, Json>;
  created_at: string;
  updated_at: string;
  [field: string]: Json | undefined;
}

export interface DuplicatePair {
  id: string;
  /** From 0 to 1. */
  probability: number;
  reasons: DuplicateReason[];
  state: PairState;
  /** The older of the two. */
  left: PairLead;
  right: PairLead;
  found_at: string;
  decided_at: string | null;
  decided_by: string | null;
}

interface PairPage {
  items: DuplicatePair[];
  next: string | null;
  total: number;
}

export interface LeadMerge {
  id: string;
  lead_id: string;
  /** Null when the lead is not there any more. */
  lead_name: string | null;
  merged_id: string;
  merged_name: string;
  at: string;
  /** Null when a run did it. */
  by: string | null;
  why: string | null;
  undone_at: string | null;
}

export type Survivorship = "keep" | "newest" | "complete" | "trusted";

export interface DuplicateSettings {
  review_above: number;
  /** Null asks a person in every case. */
  merge_above: number | null;
  wins: Survivorship;
  trusted_sources: string[];
}

const at = (id: string) => ({ path: { id } });

export const duplicatesApi = {
  list: (query: { state: PairState; cursor?: string | undefined }, signal?: AbortSignal) =>
    ask<PairPage>("GET", "/duplicates", { query, signal }),
  merge: (id: string, body: { survivor_id: string; choices: Record<string, string> }) =>
    ask<{ lead_id: string; merge_id: string }>("POST", "/duplicates/{id}/merge", { ...at(id), body }),
  decide: (id: string, state: "different" | "later" | "waiting") =>
    ask<void>("POST", "/duplicates/{id}/decide", { ...at(id), body: { state } }),
  search: () => ask<Job>("POST", "/duplicates/search"),
  settings: (signal?: AbortSignal) => ask<DuplicateSettings>("GET", "/duplicates/settings", { signal }),
  setSettings: (body: DuplicateSettings) => ask<DuplicateSettings>("PUT", "/duplicates/settings", { body }),
  preview: (query: { review_above: number; merge_above?: number | undefined }, signal?: AbortSignal) =>
    ask<{ shown: number; merged: number }>("GET", "/duplicates/preview", { query, signal }),
  merges: (query: { cursor?: string | undefined }, signal?: AbortSignal) =>
    ask<{ items: LeadMerge[]; next: string | null }>("GET", "/merges", { query, signal }),
  undo: (merge: string) =>
    ask<{ lead_id: string; restored_id: string; kept: string[] }>("POST", "/merges/{id}/undo", at(merge)),
};

export const duplicateKeys = {
  all: ["duplicate"] as const,
  pairs: (state: PairState) => ["duplicate", "pairs", state] as const,
  merges: ["duplicate", "merges"] as const,
  settings: ["duplicate", "settings"] as const,
  preview: (review: number, merge: number | null) => ["duplicate", "preview", review, merge] as const,
};

export const usePairs = (state: PairState) =>
  useInfiniteQuery({
    queryKey: duplicateKeys.pairs(state),
    queryFn: async ({ pageParam, signal }) => {
      await whenReachable();
      return duplicatesApi.list({ state, cursor: pageParam }, signal);
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const useMerges = () =>
  useInfiniteQuery({
    queryKey: duplicateKeys.merges,
    queryFn: async ({ pageParam, signal }) => {
      await whenReachable();
      return duplicatesApi.merges({ cursor: pageParam }, signal);
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });

export const useDuplicateSettings = () =>
  useQuery({
    queryKey: duplicateKeys.settings,
    queryFn: async ({ signal }) => {
      await whenReachable();
      return duplicatesApi.settings(signal);
    },
  });

/** How many of the pairs that wait now are at or above the thresholds. */
export const useDuplicatePreview = (review: number, merge: number | null) =>
  useQuery({
    queryKey: duplicateKeys.preview(review, merge),
    queryFn: async ({ signal }) => {
      await whenReachable();
      return duplicatesApi.preview({ review_above: review, merge_above: merge ?? undefined }, signal);
    },
    placeholderData: keepPreviousData,
  });
