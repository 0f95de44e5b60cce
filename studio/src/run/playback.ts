/**
 * Plays a run back in its recorded order. Most runs are over before a browser hears of them; lighting the boxes up
 * one after the other shows which way a lead went. Pure: it only cuts a finished (or growing) run short.
 */
import type { RunView, StepView } from "@/api";

/** Statuses of steps that really did something, and so have a place in the order. */
const ACTED: ReadonlySet<StepView["status"]> = new Set(["running", "waiting", "done", "failed", "cancelled"]);

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
    .filter((step) => step.frame === "" && ACTED.has(step.status))
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
  return {
    ...run,
    status: "running",
    finished_at: null,
    duration_ms: null,
    error: null,
    steps: run.steps.map((step) => stepAtBeat(step, lit, current)),
    edges: run.edges.map((edge) =>
      lit.has(edge.from) || isInside(run, edge.from, lit) ? edge : { ...edge, count: 0 },
    ),
  };
}

function stepAtBeat(step: StepView, lit: ReadonlySet<string>, current: string | undefined): StepView {
  const beat = step.frame === "" ? step.step : (/^[a-z][a-z0-9_]*/.exec(step.frame)?.[0] ?? step.step);
  if (lit.has(beat)) return step;
  const { step: id, frame, order } = step;
  const status = step.frame === "" && id === current ? "running" : "pending";
  return { step: id, frame, order, status, attempts: 0 };
}

/** An edge of a loop's body is lit with its loop. */
function isInside(run: RunView, from: string, lit: ReadonlySet<string>): boolean {
  const frame = run.steps.find((step) => step.step === from && step.frame !== "")?.frame;
  const loop = frame === undefined ? undefined : /^[a-z][a-z0-9_]*/.exec(frame)?.[0];
  return loop !== undefined && lit.has(loop);
}
