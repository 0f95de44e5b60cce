/** Work over many runs that goes on by itself: running them again, trying a draft on the past, dry runs. */
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ask } from "./ask";
import { whenReachable } from "./connection";
import type { Json, Listed, RunStatus, StepId } from "./types";

export type JobKind =
  | "run_again"
  | "back_test"
  | "dry_run"
  | "match_again"
  | "import_read"
  | "import_preview"
  | "import_undo"
  | "find_duplicates"
  | "assess"
  | "score_trial"
  | "segment_trial"
  | "count_leads"
  | "change_leads";
export type JobStatus = "running" | "completed" | "failed" | "cancelled";

export interface JobGroup {
  /** Stable: "same", "other_owner", "new_error". */
  group: string;
  label: string;
  count: number;
}

/** Why one run inside a job came to no good end. */
export interface JobError {
  code: string;
  message: string;
  action: string;
}

export interface Job {
  id: string;
  kind: JobKind;
  title: string;
  status: JobStatus;
  done: number;
  /** Null while it is not known how many there will be. */
  total: number | null;
  groups: JobGroup[];
  workflow_id: string | null;
  workflow_name: string | null;
  created_at: string;
  created_by: string | null;
  finished_at: string | null;
  /** Why it failed, in words. */
  error?: string | null;
  /** What it was started with. */
  params?: Json;
}

/** An edge a run took; a way is given in the document's order, not in the run's. */
export interface PathStep {
  from: StepId;
  port: string;
  to: StepId;
  /** How often; 1 when it is not told. */
  count?: number;
}

/** One value that differs, or that a write changes. */
export interface Difference {
  label: string;
  old?: Json;
  new?: Json;
}

/** One thing a step would have written. */
export interface Write {
  step: StepId;
  step_title: string;
  /** "Lead Ada Lovelace", "POST https://crm.example/contacts". */
  what: string;
  lead_id?: string | null;
  /** How often it can happen: once, checked, uncertain. */
  promise: string;
  changes: Difference[];
  /** What would go out to another system. */
  request?: Json;
  /** What comes back of it was taken for granted. */
  assumed?: boolean;
}

/** Something the history does not hold, so that what depends on it is a guess. */
export interface NotKnown {
  step: StepId;
  step_title: string;
  what: string;
}

/** Something that was taken for granted, in a sentence. */
export interface Assumption {
  step: StepId;
  step_title: string;
  what: string;
}

export interface Outcome {
  status: RunStatus;
  error?: JobError | null;
  owner?: string | null;
  stage?: string | null;
  score?: number | null;
  lists?: string[] | null;
  path: PathStep[];
}

export interface RunAgainDetail {
  new_run_id?: string | null;
  error?: JobError | null;
}

/** A lead whose account changes, or would. */
export interface MatchAgainDetail {
  lead_id: string;
  from: string | null;
  to: string | null;
  account_id: string | null;
  confidence: number | null;
  reason: string;
}

export interface DryRunDetail {
  status: RunStatus;
  path: PathStep[];
  writes: Write[];
  not_known: NotKnown[];
  assumptions?: Assumption[];
  error?: JobError | null;
}

export interface BackTestDetail {
  /** Both null for a run that cannot be tried at all, because too little of it is kept. */
  old: Outcome | null;
  new: Outcome | null;
  differences: Difference[];
  writes: Write[];
  not_known: NotKnown[];
  assumptions?: Assumption[];
  error?: JobError | null;
}

export interface JobItem<Detail = unknown> {
  seq: number;
  run_id: string | null;
  subject: string | null;
  group: string;
  detail: Detail;
}

interface JobItems<Detail> {
  items: JobItem<Detail>[];
  /** `after` of the next page; null on the last. */
  next: number | null;
}

/** "same": the version a run ran on. "current": the published one. */
export type RunVersion = "same" | "current" | "draft" | number;

/** Which runs: the same filter as the list of runs, and when they began. */
export interface RunChoice {
  workflow: string;
  status?: RunStatus | undefined;
  search?: string | undefined;
  since?: string | undefined;
  until?: string | undefined;
}

export interface DryRunInput {
  trigger?: StepId;
  payload?: Json;
  events?: Json[];
  /** Id of an uploaded file. */
  file?: string;
  version: "draft" | "current";
}

const at = (id: string) => ({ path: { id } });

export const jobsApi = {
  list: (signal?: AbortSignal) => ask<Listed<Job>>("GET", "/jobs", { signal }),
  job: (id: string, signal?: AbortSignal) => ask<Job>("GET", "/jobs/{id}", { ...at(id), signal }),
  cancel: (id: string) => ask<unknown>("POST", "/jobs/{id}/cancel", at(id)),
  items: <Detail>(
    id: string,
    query: { group?: string | undefined; after?: number | undefined; limit?: number },
    signal?: AbortSignal,
  ) => ask<JobItems<Detail>>("GET", "/jobs/{id}/items", { ...at(id), query, signal }),
  runAgain: (id: string, body: { from?: StepId; version: RunVersion; dry?: boolean }) =>
    ask<{ run_id?: string; job?: Job }>("POST", "/runs/{id}/again", { ...at(id), body }),
  runManyAgain: (body: RunChoice & { version: RunVersion; dry?: boolean }) =>
    ask<Job>("POST", "/runs/again", { body }),
  /** How many runs a choice holds; 10,001 stands for more than 10,000. */
  countRuns: (choice: RunChoice, signal?: AbortSignal) =>
    ask<{ count: number }>("GET", "/runs/count", { query: { ...choice }, signal }),
  backTest: (workflow: string, body: { since: string; until: string; most?: number; version?: "draft" }) =>
    ask<Job>("POST", "/workflows/{id}/back-test", { ...at(workflow), body }),
  dryRun: (workflow: string, body: DryRunInput) =>
    ask<Job>("POST", "/workflows/{id}/dry-run", { ...at(workflow), body }),
};

export const jobKeys = {
  all: ["job"] as const,
  list: ["job", "list"] as const,
  job: (id: string) => ["job", "one", id] as const,
  /** A job that has ended is read anew, so that nothing it did last is missing. */
  items: ({ id, status }: Job, group: string) =>
    ["job", "one", id, "items", group, status === "running" ? "so far" : "all"] as const,
  runCount: (choice: RunChoice) => ["run", "count", choice] as const,
};

/** How often a job at work is looked at, in ms; the list of all costs the server more. */
const LOOK = 900;
const LOOK_AT_ALL = 2_000;
const PAGE_SIZE = 100;

/** Jobs, newest first; looked at often only while one of them is at work. */
export const useJobs = () =>
  useQuery({
    queryKey: jobKeys.list,
    queryFn: async ({ signal }) => {
      await whenReachable();
      return (await jobsApi.list(signal)).items;
    },
    staleTime: 30_000,
    refetchInterval: ({ state }) =>
      state.data?.some(({ status }) => status === "running") ? LOOK_AT_ALL : false,
  });

export const useJob = (id: string, enabled = true) =>
  useQuery({
    enabled,
    queryKey: jobKeys.job(id),
    queryFn: async ({ signal }) => {
      await whenReachable();
      return jobsApi.job(id, signal);
    },
    refetchInterval: ({ state }) => (state.data?.status === "running" ? LOOK : false),
  });

/** What came out for each run or event, in parts; the first part is renewed while the job is at work. */
export const useJobItems = <Detail>(job: Job, group: string) =>
  useInfiniteQuery({
    queryKey: jobKeys.items(job, group),
    queryFn: async ({ pageParam, signal }) => {
      await whenReachable();
      return jobsApi.items<Detail>(
        job.id,
        { group: group || undefined, after: pageParam, limit: PAGE_SIZE },
        signal,
      );
    },
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      job.status === "running" && (state.data?.pages.length ?? 0) <= 1 ? LOOK : false,
  });

/** How many runs a choice holds; pass null to count nothing yet. */
export const useRunCount = (choice: RunChoice | null) =>
  useQuery({
    queryKey: choice ? jobKeys.runCount(choice) : ["run", "count"],
    queryFn: async ({ signal }) => {
      await whenReachable();
      return choice ? (await jobsApi.countRuns(choice, signal)).count : 0;
    },
    enabled: choice !== null,
    // Counting goes through the runs one by one.
    staleTime: 60_000,
    refetchOnWindowFocus: false,
    placeholderData: keepPreviousData,
  });
