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

/** How a weight is corrected; one bit more is twice as likely. */
export interface DuplicateWeight {
  text: string;
  bits: number;
}

export interface DuplicateLearning {
  is_on: boolean;
  merged: number;
  different: number;
  /** Fewest answers that anything is learned from, and fewest of each sort. */
  fewest: number;
  fewest_of_each: number;
  /** Null before the first time, and while answers teach nothing. */
  taught: {
    merged: number;
    different: number;
    /** Shares of the answers, from 0 to 1. */
    right_before: number;
    right_after: number;
    at: string;
    weights: DuplicateWeight[];
  } | null;
}

export interface DuplicateSettingsVersion {
  version: number;
  is_in_force: boolean;
  published_at: string;
  published_by: string | null;
  note: string | null;
  learns: boolean;
  answers: number;
  settings: DuplicateSettings;
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
  learning: (signal?: AbortSignal) => ask<DuplicateLearning>("GET", "/duplicates/learning", { signal }),
  setLearning: (is_on: boolean) => ask<DuplicateLearning>("PUT", "/duplicates/learning", { body: { is_on } }),
  versions: (signal?: AbortSignal) =>
    ask<{ items: DuplicateSettingsVersion[] }>("GET", "/duplicates/settings/versions", { signal }),
  restore: (version: number) =>
    ask<DuplicateSettings>("POST", "/duplicates/settings/versions/{version}/restore", {
      path: { version: String(version) },
    }),
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
  learning: ["duplicate", "learning"] as const,
  versions: ["duplicate", "versions"] as const,
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

export const useDuplicateLearning = () =>
  useQuery({
    queryKey: duplicateKeys.learning,
    queryFn: async ({ signal }) => {
      await whenReachable();
      return duplicatesApi.learning(signal);
    },
  });

export const useDuplicateVersions = () =>
  useQuery({
    queryKey: duplicateKeys.versions,
    queryFn: async ({ signal }) => {
      await whenReachable();
      return (await duplicatesApi.versions(signal)).items;
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
