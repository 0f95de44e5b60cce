/** What a run looks like on the canvas: a status for every card and a count for every edge. */
import { edgeKey } from "@/document/graph";
import type { Edge, Json, StepId } from "@/document/types";
import { timeWords } from "./time-words";

export type RunStatus =
  | "pending"
  | "running"
  | "waiting"
  | "uncertain"
  | "done"
  | "failed"
  | "skipped"
  | "cancelled";

export interface StepStatus {
  status: RunStatus;
  /** The outcome in words; the status' own word unless told ("Done, 1 retry"). */
  words?: string;
  time?: string;
  /** Replaces the card's second line: what came out, not how the step is set up. */
  summary?: string;
}

export interface EdgeTraffic {
  /** How many times a run left by this edge. */
  count: number;
  /** Said after the count: "score is 85". */
  words?: string;
}

/** The part of a run's step this needs; the API's `StepView` has it. */
export interface OverlayStep {
  step: StepId;
  frame: string;
  status: RunStatus;
  attempts?: number;
  duration_ms?: number | null;
  count?: number | null;
  why?: string | null;
  output?: Json;
}

export interface OverlayRun {
  steps: readonly OverlayStep[];
  edges: readonly { from: StepId; port?: string | null; to: StepId; count: number }[];
}

export interface Overlay {
  statuses: Record<StepId, StepStatus>;
  traffic: Record<string, EdgeTraffic>;
}

export const STATUS_WORDS: Record<RunStatus, string> = {
  pending: "Not started",
  running: "Running",
  waiting: "Waiting",
  uncertain: "Outcome unknown",
  done: "Done",
  failed: "Failed",
  skipped: "Skipped",
  cancelled: "Cancelled",
};

/** The overlay of one frame: `""` for the workflow itself, `each_row[3]` for one round of a loop. */
export function overlayOfRun(run: OverlayRun, frame: string): Overlay {
  const here = run.steps.filter((step) => step.frame === frame);
  return {
    statuses: Object.fromEntries(here.map((step) => [step.step, statusOf(step)])),
    traffic: Object.fromEntries(run.edges.map((edge) => [keyOf(edge), { count: edge.count }])),
  };
}

function keyOf(edge: OverlayRun["edges"][number]): string {
  const plain: Edge = { from: edge.from, to: edge.to };
  return edgeKey(edge.port ? { ...plain, port: edge.port } : plain);
}

function statusOf(step: OverlayStep): StepStatus {
  const status: StepStatus = { status: step.status, words: outcomeWords(step) };
  // A step that asked nothing of the world ends in the instant it begins: there is no time to tell.
  if (step.duration_ms && step.status !== "skipped") status.time = timeWords(step.duration_ms);
  if (step.status === "skipped") status.summary = "not reached";
  else if (step.why) status.summary = firstSentence(step.why);
  return status;
}

function outcomeWords({ status, attempts = 1, count }: OverlayStep): string {
  const words = STATUS_WORDS[status];
  const retries = attempts - 1;
  if (count && count > 1) return `${words} · ${count} times`;
  if (retries > 0 && status !== "skipped")
    return `${words}, ${retries} ${retries === 1 ? "retry" : "retries"}`;
  return words;
}

function firstSentence(text: string): string {
  return /^.*?[.!?](?=\s|$)/.exec(text)?.[0].slice(0, -1) ?? text;
}
