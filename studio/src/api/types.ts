/**
 * What the API speaks, in the studio's words. One name per thing; pages import from here and nowhere else, so that
 * the wire can be generated anew without touching them.
 */

import type { Json, Problem, StepId, WorkflowDocument } from "@/document/types";

export type {
  Category,
  Edge,
  Graph,
  Json,
  JsonSchema,
  PortRule,
  Problem,
  Step,
  StepId,
  StepKind,
  WorkflowDocument,
} from "@/document/types";
export type JsonRecord = Record<string, unknown>;

// ---- Session ----

export interface Session {
  state: "setup" | "signed_out" | "signed_in";
  csrf?: string;
  user?: { id: string; email: string; role: string };
  workspace?: { id: string; name: string };
  version: string;
}

export interface ApiToken {
  id: string;
  name: string;
  created_at: string;
  expires_at?: string | null;
  last_used_at?: string | null;
}

export interface CreatedToken extends ApiToken {
  /** Shown once, never sent again. */
  token: string;
}

// ---- Workflows ----

export interface WorkflowSummary {
  id: string;
  name: string;
  description?: string | null;
  active: boolean;
  published_version: number | null;
  draft_changed: boolean;
  trigger_kinds: string[];
  steps: number;
  runs_today: { completed: number; failed: number; running: number };
  last_run_at: string | null;
  updated_at: string;
}

export interface Hook {
  step: StepId;
  kind: "webhook" | "form";
  method: string;
  url: string;
  /** Ready to paste into a shell. */
  curl: string;
  live: boolean;
}

export interface Workflow {
  id: string;
  name: string;
  active: boolean;
  draft: WorkflowDocument;
  draft_revision: number;
  published_version: number | null;
  published: WorkflowDocument | null;
  draft_changed: boolean;
  problems: Problem[];
  hooks: Hook[];
  updated_at: string;
  created_at: string;
}

export interface DraftSaved {
  revision: number;
  problems: Problem[];
  hooks: Hook[];
  saved_at: string;
}

export interface Published {
  version: number;
  problems: Problem[];
}

export interface WorkflowVersion {
  version: number;
  published_at: string;
  published_by: string | null;
  note: string | null;
  /** Plain sentences: what changed since the version before. */
  changes: string[];
}

// ---- Runs ----

export type RunStatus = "queued" | "running" | "waiting" | "completed" | "failed" | "cancelled";
export type StepStatus = "pending" | "running" | "waiting" | "done" | "failed" | "skipped" | "cancelled";

export interface StepError {
  code: string;
  kind: "bad_input" | "auth" | "rate_limited" | "temporary" | "fatal" | "timeout" | "unknown_outcome";
  message: string;
  action: string;
  retry_at?: string;
}

export interface RunSummary {
  id: string;
  workflow_id: string;
  workflow_name: string;
  version: number | null;
  draft: boolean;
  status: RunStatus;
  /** Whom or what the run is about: "Ada Lovelace". */
  subject: string;
  lead_id: string | null;
  trigger_kind: string;
  started_at: string;
  finished_at: string | null;
  duration_ms: number | null;
  error?: StepError | null;
}

export interface Written {
  label: string;
  old: Json;
  new: Json;
}

export interface StepView {
  step: StepId;
  /** "" for the root, "each_row[3]" inside a loop. */
  frame: string;
  status: StepStatus;
  order: number;
  port?: string | null;
  input?: Json;
  output?: Json;
  error?: StepError | null;
  attempts: number;
  started_at?: string | null;
  finished_at?: string | null;
  duration_ms?: number | null;
  /** One plain sentence. */
  why?: string | null;
  written?: Written[];
  count?: number;
}

export interface EdgeView {
  from: StepId;
  port: string;
  to: StepId;
  count: number;
}

export interface RunView extends RunSummary {
  document: WorkflowDocument;
  steps: StepView[];
  edges: EdgeView[];
  vars?: JsonRecord;
  trigger_step: StepId;
}

export interface StepTest {
  status: "done" | "failed";
  port?: string | null;
  input?: Json;
  output?: Json;
  error?: StepError | null;
  duration_us: number;
  note?: string | null;
}

export interface StepContext {
  trigger?: Json;
  steps?: Record<StepId, Json>;
  item?: Json;
  index?: number;
}

export interface Preview {
  ok: boolean;
  value?: Json;
  type?: "text" | "number" | "yes_no" | "list" | "record" | "empty";
  missing: string[];
  error?: { code: string; message: string } | null;
}

export interface SchedulePreview {
  ok: boolean;
  words: string;
  next: string[];
  next_words: string[];
  error?: { code: string; message: string } | string | null;
}

export interface EventsAccepted {
  accepted: number;
  duplicates: number;
  rejected: { row: number; reason: string }[];
  run_ids?: string[];
}

// ---- Leads ----

export interface OwnerRef {
  id: string;
  name: string;
}

export interface LeadSummary {
  id: string;
  name: string;
  email: string | null;
  company: string | null;
  stage: string;
  score: number | null;
  owner: OwnerRef | null;
  source: string | null;
  updated_at: string;
  created_at: string;
}

export interface Activity {
  id: string;
  at: string;
  kind: "created" | "updated" | "scored" | "assigned" | "stage_changed" | "listed";
  title: string;
  why?: string | null;
  old?: Json;
  new?: Json;
  run_id?: string | null;
  step?: StepId | null;
}

export interface Lead {
  id: string;
  external_id: string | null;
  email: string | null;
  phone: string | null;
  first_name: string | null;
  last_name: string | null;
  name: string;
  job_title: string | null;
  company: string | null;
  company_size: number | string | null;
  industry: string | null;
  website: string | null;
  country: string | null;
  city: string | null;
  source: string | null;
  consent: boolean | string | null;
  stage: string;
  score: number | null;
  score_reasons: { label: string; points: number }[];
  owner: OwnerRef | null;
  owner_reason: string | null;
  lists: { id: string; name: string }[];
  fields: JsonRecord;
  created_at: string;
  updated_at: string;
  timeline: Activity[];
}

export interface LeadCounts {
  total: number;
  by_owner: { owner: OwnerRef | null; count: number }[];
  by_stage: { stage: string; count: number }[];
  by_list: { list: { id: string; name: string } | string; count: number }[];
}

export interface Owner {
  id: string;
  name: string;
  email: string;
}

export interface PoolMember {
  owner_id: string;
  owner_name: string;
  weight: number;
  /** Leads given so far. */
  assigned: number;
  active: boolean;
}

export interface Pool {
  id: string;
  name: string;
  members: PoolMember[];
}

export interface LeadList {
  id: string;
  name: string;
  count: number;
}

export interface Stage {
  id: string;
  name: string;
  rank: number;
}

// ---- Paging ----

export interface Page<Item> {
  items: Item[];
  /** Cursor of the next page; null on the last. */
  next: string | null;
}
