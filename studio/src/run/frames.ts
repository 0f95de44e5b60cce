/** The rounds of loops in a run. A frame's name is its path: `each_row[3]`, or `each_row[3]/each_line[0]` inside.
 *
 * A step inside a loop is recorded once per round (of long loops only the first rounds and the failed ones) and once
 * more with an empty frame and a count, standing for all rounds together.
 */
import type { RunView, StepView } from "@/api";
import { bodyRuleOf, roundInWords } from "@/document/body-words";
import { findStep } from "@/document/graph";
import type { FramePath, StepId, StepKinds } from "@/document/types";

/** One level of a frame's name. Items count from 0, as `index` does in expressions. */
export interface FrameLevel {
  readonly loop: StepId;
  readonly item: number;
}

/** Reads a frame's name; the root frame has no level. */
export function levelsOf(frame: string): FrameLevel[] {
  return [...frame.matchAll(/([a-z][a-z0-9_]*)\[(\d+)\]/g)].map((match) => ({
    loop: match[1] ?? "",
    item: Number(match[2]),
  }));
}

/** The loops one stands inside, for the canvas. */
export function pathOfFrame(frame: string): FramePath {
  return levelsOf(frame).map((level) => level.loop);
}

/** One round of a loop, as offered for choosing. */
export interface Round {
  readonly frame: string;
  readonly item: number;
  readonly status: StepView["status"];
  /** What went wrong, or a few words about the item. */
  readonly words: string;
}

/** The rounds of a loop inside a frame: the failed ones first, then in order. */
export function roundsOf(run: Pick<RunView, "steps">, loop: StepId, parent: string): Round[] {
  const depth = levelsOf(parent).length;
  const byFrame = new Map<string, StepView[]>();
  for (const step of run.steps) {
    const levels = levelsOf(step.frame);
    const last = levels[depth];
    if (levels.length !== depth + 1 || last?.loop !== loop || !step.frame.startsWith(parent)) continue;
    byFrame.set(step.frame, [...(byFrame.get(step.frame) ?? []), step]);
  }
  return [...byFrame]
    .map(([frame, steps]) => roundOf(frame, steps))
    .sort((a, b) => Number(b.status === "failed") - Number(a.status === "failed") || a.item - b.item);
}

const WORST_FIRST: readonly StepView["status"][] = [
  "failed",
  "uncertain",
  "waiting",
  "running",
  "cancelled",
  "done",
  "pending",
  "skipped",
];

function roundOf(frame: string, steps: readonly StepView[]): Round {
  const status = WORST_FIRST.find((wanted) => steps.some((step) => step.status === wanted)) ?? "pending";
  const failed = steps.find((step) => step.status === "failed");
  return { frame, item: levelsOf(frame).at(-1)?.item ?? 0, status, words: failed?.error?.message ?? "" };
}

/** Which round a frame is: "3rd item", "2nd round"; empty for the workflow itself and where there is only one. */
export function frameInWords(run: Pick<RunView, "document">, frame: string, kinds: StepKinds): string {
  const last = levelsOf(frame).at(-1);
  if (!last) return "";
  return roundInWords(last.item, bodyRuleOf(findStep(run.document, last.loop)?.step, kinds));
}

/** True for a step of the outermost graph; steps of loop bodies come with an empty frame too, all rounds in one. */
export function isOutermost(run: Pick<RunView, "document">, view: StepView): boolean {
  return view.frame === "" && Object.hasOwn(run.document.steps, view.step);
}

/** The records that stand for one execution each: without those that sum up the rounds of a body's step. */
export function singleSteps(run: RunView): StepView[] {
  const inRounds = new Set(run.steps.filter((view) => view.frame !== "").map((view) => view.step));
  return run.steps.filter((view) => view.frame !== "" || !inRounds.has(view.step));
}

/** How many rounds a loop really ran, which may be more than are recorded one by one. */
export function countOfRounds(run: Pick<RunView, "steps">, rounds: readonly Round[]): number {
  const frames = new Set(rounds.map((round) => round.frame));
  const body = new Set(run.steps.filter((view) => frames.has(view.frame)).map((view) => view.step));
  const counts = run.steps
    .filter((view) => view.frame === "" && body.has(view.step))
    .map((view) => view.count ?? 0);
  return Math.max(rounds.length, ...counts);
}

/** The step as it ran in a frame. */
export function stepIn(run: Pick<RunView, "steps">, step: StepId, frame: string): StepView | undefined {
  return run.steps.find((view) => view.step === step && view.frame === frame);
}
