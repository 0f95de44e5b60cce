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
  settings?: { keep_days?: number };
}

/** What the document and every loop body share. */
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
  /** Only for steps of kind `loop`: what happens for each item. */
  body?: Graph;
}

export interface Retry {
  /** 0 to 10. */
  times: number;
  /** The first wait; each further one is twice as long. */
  wait_seconds: number;
}

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
  example: { config: Record<string, Json>; input?: Json; output?: Json; port?: string };
  output_sample: Json;
  /** The card's second line: text in which `{path}` names a config field. */
  summary_template: string;
}

/** Descriptors by their technical name. */
export type StepKinds = Readonly<Record<string, StepKind>>;

export type PortRule =
  | { rule: "fixed"; ports: PortDescriptor[] }
  | { rule: "cases"; field: string; default_label: string };

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
