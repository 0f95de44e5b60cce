/** Scoring models, the lifecycle and segments: drafts, what is in force, and what a draft would change. */
import { useQuery } from "@tanstack/react-query";
import { ask } from "./ask";
import { whenReachable } from "./connection";
import type { Job } from "./jobs";
import type { Json, Listed } from "./types";

export type RuleKind = "scoring_model" | "lifecycle" | "segment";
/** What a rule says; each page knows the form of its own. */
export type RuleDocument = Record<string, unknown>;

export interface RuleSummary {
  id: string;
  name: string;
  /** Number of the version in force; null before the first. */
  version: number | null;
  changed: boolean;
  /** What the draft says, and what is in force. */
  words: string[];
  published_words: string[];
  updated_at: string;
}

export interface RuleProblem {
  /** JSON Pointer into the draft: "/fit/rows/0/points". */
  field: string;
  message: string;
  action: string;
}

export interface Rule {
  id: string;
  kind: RuleKind;
  name: string;
  draft: RuleDocument;
  revision: number;
  version: number | null;
  published: RuleDocument | null;
  words: string[];
  changes: string[];
  problems: RuleProblem[];
  updated_at: string;
}

export interface RuleVersion {
  version: number;
  words: string[];
  changes: string[];
  note: string | null;
  published_by: string | null;
  published_at: string;
  document: RuleDocument;
}

export interface ScoreReason {
  label: string;
  points: number;
}

export interface TriedScore {
  score: number;
  maximum: number;
  fit: number;
  behaviour: number;
  grade: string | null;
  reached: string | null;
  reasons: ScoreReason[];
}

/** What a document says of one lead, before it is saved. */
export interface TriedRule {
  words: string[];
  problems: RuleProblem[];
  lead: { id: string; name: string } | null;
  score: TriedScore | null;
  belongs: { holds: boolean; why: string } | null;
}

/** A lead that a trial names. */
export interface TrialDetail {
  lead_id: string;
  stage: string;
  old_score?: number | null;
  new_score?: number | null;
  new_reasons?: ScoreReason[];
  score?: number | null;
  why?: string;
  [more: string]: Json | ScoreReason[] | undefined;
}

export interface StageFigures {
  stage: string;
  now: number;
  left: number;
  median_seconds: number | null;
  went_on: number;
  next: { stage: string; count: number }[];
}

export interface SegmentSize {
  id: string | null;
  name: string;
  count: number;
}

const at = (kind: RuleKind, id: string) => ({ path: { kind, id } });

export const rulesApi = {
  list: (kind: RuleKind, signal?: AbortSignal) =>
    ask<Listed<RuleSummary>>("GET", "/rulebooks/{kind}", { path: { kind }, signal }),
  rule: (kind: RuleKind, id: string, signal?: AbortSignal) =>
    ask<Rule>("GET", "/rulebooks/{kind}/{id}", { ...at(kind, id), signal }),
  create: (kind: RuleKind, body: { name: string; draft: RuleDocument }) =>
    ask<Rule>("POST", "/rulebooks/{kind}", { path: { kind }, body }),
  save: (kind: RuleKind, id: string, body: { base_revision: number; draft: RuleDocument }) =>
    ask<Rule>("PUT", "/rulebooks/{kind}/{id}", { ...at(kind, id), body }),
  publish: (kind: RuleKind, id: string, body: { base_revision: number; note?: string }) =>
    ask<{ version: number; job: Job }>("POST", "/rulebooks/{kind}/{id}/publish", { ...at(kind, id), body }),
  remove: (kind: RuleKind, id: string) => ask<{ job: Job }>("DELETE", "/rulebooks/{kind}/{id}", at(kind, id)),
  versions: (kind: RuleKind, id: string, signal?: AbortSignal) =>
    ask<Listed<RuleVersion>>("GET", "/rulebooks/{kind}/{id}/versions", { ...at(kind, id), signal }),
  tryOne: (kind: RuleKind, body: { document: RuleDocument; lead_id?: string }, signal?: AbortSignal) =>
    ask<TriedRule>("POST", "/rulebooks/{kind}/try", { path: { kind }, body, signal }),
  tryAll: (kind: RuleKind, id: string) => ask<Job>("POST", "/rulebooks/{kind}/{id}/trial", at(kind, id)),
  /** Looks at every lead again by the rules in force. */
  assess: () => ask<Job>("POST", "/leads/assess", {}),
  runForSegment: (body: { segment: string; workflow: string }) =>
    ask<{ run_id: string; leads: number }>("POST", "/segments/run", { body }),
  stageReport: (signal?: AbortSignal) =>
    ask<{ days: number; stages: StageFigures[] }>("GET", "/stages/report", { signal }),
  segments: (signal?: AbortSignal) => ask<Listed<SegmentSize>>("GET", "/segments", { signal }),
};

export const ruleKeys = {
  all: ["rule"] as const,
  list: (kind: RuleKind) => ["rule", kind, "list"] as const,
  rule: (kind: RuleKind, id: string) => ["rule", kind, "one", id] as const,
  versions: (kind: RuleKind, id: string) => ["rule", kind, "one", id, "versions"] as const,
  tried: (kind: RuleKind, document: RuleDocument, lead: string) =>
    ["rule", kind, "tried", lead, document] as const,
  stages: ["rule", "stages"] as const,
  segments: ["rule", "segments"] as const,
};

/** How often figures that move with every lead are read again, in ms. */
const RENEW = 5_000;

export const useRules = (kind: RuleKind) =>
  useQuery({
    queryKey: ruleKeys.list(kind),
    queryFn: async ({ signal }) => {
      await whenReachable();
      return (await rulesApi.list(kind, signal)).items;
    },
  });

/** One rule. It is read once and then changed by whoever edits it; an edit of somebody else is told when saving. */
export const useRule = (kind: RuleKind, id: string) =>
  useQuery({
    queryKey: ruleKeys.rule(kind, id),
    queryFn: async ({ signal }) => {
      await whenReachable();
      return rulesApi.rule(kind, id, signal);
    },
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });

export const useRuleVersions = (kind: RuleKind, id: string, version: number | null) =>
  useQuery({
    queryKey: [...ruleKeys.versions(kind, id), version],
    queryFn: async ({ signal }) => (await rulesApi.versions(kind, id, signal)).items,
    enabled: version !== null,
  });

/** What the document says of a lead, a moment after it stopped changing; the newest lead when none is named. */
export const useTriedRule = (kind: RuleKind, document: RuleDocument, lead: string) =>
  useQuery({
    queryKey: ruleKeys.tried(kind, document, lead),
    queryFn: ({ signal }) => rulesApi.tryOne(kind, { document, ...(lead ? { lead_id: lead } : {}) }, signal),
    placeholderData: (before) => before,
    refetchOnWindowFocus: false,
    staleTime: 30_000,
  });

export const useStageReport = () =>
  useQuery({
    queryKey: ruleKeys.stages,
    queryFn: async ({ signal }) => {
      await whenReachable();
      return rulesApi.stageReport(signal);
    },
    refetchInterval: RENEW,
  });

export const useSegments = () =>
  useQuery({
    queryKey: ruleKeys.segments,
    queryFn: async ({ signal }) => {
      await whenReachable();
      return (await rulesApi.segments(signal)).items;
    },
    refetchInterval: RENEW,
  });
