/**
 * The workflow document and the descriptors that give its steps meaning, as the studio sees them.
 *
 * This folder is pure: no React, no network, no clock and no browser. What is selected, open or zoomed is
 * session state and lives with the editor; what a run did is run state. Neither may appear here.
 */

/** A step's stable name inside its document: `[a-z][a-z0-9_]{0,39}`, unique over all bodies. */
export type StepId = string;

/** Any JSON value. Config, samples and outputs are open-ended, so readers must narrow before use. */
export type Json = unknown;

export interface WorkflowDocument extends Graph {
  format: 1;
  name: string;
  description?: string;
  /** Where boxes stand on the canvas. Apart from meaning: moving a box changes no behaviour. */
  layout?: Record<StepId, Point>;
  /** Pinned sample output per step; for a trigger it is the sample event. */
  samples?: Record<StepId, Json>;
  vars?: Record<string, Json>;
  settings?: WorkflowSettings;
}

/** How a workflow's runs are kept, ordered and limited. Everything is optional; absent means the server's default. */
export interface WorkflowSettings {
  /** Full history of a run, 30 days unless told. */
  keep_days?: number;
  /** Completed runs are kept as a summary from then on; absent: never before `keep_days`. */
  thin_after_days?: number;
  /** Longest time of a run. */
  timeout_minutes?: number;
  /** Runs of the same key go one after the other, in all workflows that name the same space. */
  order_by?: { key: string; space?: string };
  /** 1 to 1000. */
  most_at_once?: number;
  priority?: Priority;
  /** Of events of the same key within so many seconds one is kept. */
  debounce?: { key: string; seconds: number; keep?: "last" | "first" };
  /** An event whose key was seen within so many hours is ignored. */
  dedupe?: { key: string; hours: number };
  /** Id of the workflow that is started when a run fails. */
  error_workflow?: string;
}

export type Priority = "high" | "normal" | "low";

/** What the document and every body share. */
export interface Graph {
  steps: Record<StepId, Step>;
  edges: Edge[];
}

export interface Point {
  x: number;
  y: number;
}

export interface Step {
  kind: string;
  title: string;
  config: Record<string, Json>;
  note?: string;
  disabled?: boolean;
  retry?: Retry;
  timeout_seconds?: number;
  on_error?: OnError;
  join?: Join;
  /** Only for kinds that hold steps (`StepKind.body`): what happens inside. */
  body?: Graph;
}

export interface Retry {
  /** 0 to 10. */
  times: number;
  /** The first wait; each further one is twice as long. */
  wait_seconds: number;
  /** No wait is longer than this. */
  most_seconds?: number;
  /** Which failures are tried again; rate limits, temporary ones and time-outs unless told. */
  kinds?: RetryKind[];
}

/** Failures that trying again may cure. */
export type RetryKind =
  | "rate_limited"
  | "temporary"
  | "timeout"
  | "unknown_outcome"
  | "bad_input"
  | "auth"
  | "fatal";

export type OnError = "stop" | "continue" | "branch";
export type Join = "all" | "first";

export interface Edge {
  from: StepId;
  /** Out-port of `from`; absent means `out`. */
  port?: string;
  to: StepId;
}

/**
 * Which graph of a document is meant: the loops one stands inside, outermost first. The empty path is the
 * workflow itself.
 */
export type FramePath = readonly StepId[];

export type Category = "trigger" | "logic" | "data" | "lead" | "connect" | "code";

/** What a kind of step is and how it is set up, as told by the server. */
export interface StepKind {
  kind: string;
  title: string;
  summary: string;
  help: string;
  icon: string;
  category: Category;
  keywords: string[];
  schema: JsonSchema;
  default_config: Record<string, Json>;
  ports: PortRule;
  promise: "none" | "once" | "checked" | "uncertain";
  promise_text: string;
  has_error_port: boolean;
  /** Set for kinds that hold steps of their own: what these are for. */
  body?: BodyRule | null;
  example: { config: Record<string, Json>; input?: Json; output?: Json; port?: string };
  output_sample: Json;
  /** The card's second line: text in which `{path}` names a config field. */
  summary_template: string;
}

/** `per_item`: once for each item. `per_round`: again and again, seeing what the last round put out. */
export type BodyRule = "per_item" | "per_round" | "once";

/** Descriptors by their technical name. */
export type StepKinds = Readonly<Record<string, StepKind>>;

export type PortRule =
  | { rule: "fixed"; ports: PortDescriptor[] }
  | {
      rule: "with";
      ports: PortDescriptor[];
      /** Setting that brings `more` ports once it is there. */
      field: string;
      more: PortDescriptor[];
    }
  | {
      rule: "cases";
      /** Setting that holds the list; its entries have `id` and `label`. */
      field: string;
      default_label: string;
      /** "default" unless told. */
      default_port?: string;
    };

export interface PortDescriptor {
  id: string;
  label: string;
}

/** The part of JSON Schema (draft 2020-12) that descriptors use. */
export interface JsonSchema {
  type?: string | string[];
  title?: string;
  description?: string;
  default?: Json;
  enum?: Json[];
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
  required?: string[];
  "x-ui"?: string;
  "x-labels"?: string[] | Record<string, string>;
  [annotation: string]: Json;
}

/** Something wrong with a document, said by the server's validation. */
export interface Problem {
  code: string;
  severity: "error" | "warning";
  step?: StepId;
  /** JSON pointer into the step's config. */
  field?: string;
  message: string;
  action: string;
}

export const DEFAULT_PORT = "out";
export const ERROR_PORT = "error";
