/**
 * Plays a run back in its recorded order. Most runs are over before a browser hears of them; lighting the boxes up
 * one after the other shows which way a lead went. Pure: it only cuts a finished (or growing) run short.
 */
import type { RunView, StepView } from "@/api";
import { isOutermost, levelsOf } from "./frames";

/** Statuses of steps that really did something, and so have a place in the order. */
const ACTED: ReadonlySet<StepView["status"]> = new Set([
  "running",
  "waiting",
  "uncertain",
  "done",
  "failed",
  "cancelled",
]);

/** The whole light-up takes about this long, in ms, however many steps there are. */
const WHOLE_MS = 2_200;
const FASTEST_MS = 50;
const SLOWEST_MS = 240;

/**
 * The steps of the outermost graph that acted, in the order they did. What happens inside a loop belongs to the
 * loop's own beat: a thousand rows must not take a thousand beats.
 */
export function beatsOf(run: RunView): string[] {
  return run.steps
    .filter((step) => isOutermost(run, step) && ACTED.has(step.status))
    .sort((a, b) => a.order - b.order)
    .map((step) => step.step);
}

/** How long one beat lasts, in ms. */
export function beatLength(beats: number): number {
  return Math.min(SLOWEST_MS, Math.max(FASTEST_MS, Math.round(WHOLE_MS / Math.max(1, beats))));
}

/**
 * The run as it looked after `played` beats: those are as recorded, the next one is at work, the rest has not
 * started. From the last beat on it is the run itself.
 */
export function runAtBeat(run: RunView, played: number): RunView {
  const beats = beatsOf(run);
  if (played >= beats.length) return run;
  const lit = new Set(beats.slice(0, Math.max(0, played)));
  const current = beats[Math.max(0, played)];
  const beat = beatOfSteps(run);
  const isLit = (step: string) => lit.has(beat.get(step) ?? step);
  return {
    ...run,
    status: "running",
    finished_at: null,
    duration_ms: null,
    error: null,
    steps: run.steps.map((view) => {
      if (isLit(view.step)) return view;
      const { step, frame, order } = view;
      const status = isOutermost(run, view) && step === current ? "running" : "pending";
      return { step, frame, order, status, attempts: 0 };
    }),
    edges: run.edges.map((edge) => (isLit(edge.from) ? edge : { ...edge, count: 0 })),
  };
}

/** Steps of a loop's body are lit with the outermost loop around them. */
function beatOfSteps(run: RunView): ReadonlyMap<string, string> {
  return new Map(
    run.steps.flatMap(({ step, frame }) => {
      const outermost = levelsOf(frame)[0]?.loop;
      return outermost === undefined ? [] : [[step, outermost] as const];
    }),
  );
}
