/** Where the bars of the timeline stand. */
import type { RunView, StepView } from "@/api";
import { singleSteps } from "./frames";
import { preciseTime, tookMs } from "./run-words";

export interface Bar {
  readonly view: StepView;
  /** Milliseconds after the run's start. */
  readonly from: number;
  /** In ms. */
  readonly length: number;
}

/** Within so little time a picture of moments says nothing about single steps. */
const INSTANT_MS = 5;

/**
 * A bar per step that acted, in recorded order, and the time they span in ms. When all of it was too quick to tell
 * apart, `timed` is false and each bar is one beat long: the order is known even then.
 */
export function barsOf(run: RunView, now: number): { bars: Bar[]; span: number; timed: boolean } {
  const start = preciseTime(run.started_at);
  const bars = singleSteps(run)
    .filter((view) => view.status !== "skipped" && view.status !== "pending")
    .sort((a, b) => a.order - b.order)
    .map((view): Bar => {
      const from = Math.max(0, view.started_at ? preciseTime(view.started_at) - start : 0);
      return { view, from, length: lengthOf(view, now - start - from) };
    });
  const end = Math.max(0, ...bars.map((bar) => bar.from + bar.length));
  const timed = end > INSTANT_MS || bars.some((bar) => bar.length >= 1);
  if (timed || bars.length === 0) return { bars, span: Math.max(end, 1), timed: true };
  const inOrder = bars.map((bar, place) => ({ ...bar, from: place, length: 1 }));
  return { bars: inOrder, span: inOrder.length, timed: false };
}

const GOES_ON: ReadonlySet<StepView["status"]> = new Set(["running", "waiting", "uncertain"]);

function lengthOf(view: StepView, soFar: number): number {
  const took = tookMs(view);
  if (took !== null) return took;
  return GOES_ON.has(view.status) ? Math.max(0, soFar) : 0;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Steps between ticks that people count in, above a second. */
const ROUND_STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((seconds) => seconds * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7, 14, 30, 90].map((days) => days * DAY),
];
const MOST_TICKS = 6;

/** Round moments along a span, about five of them, from 0. */
export function ticksOf(span: number): number[] {
  const power = 10 ** Math.floor(Math.log10(span / 5));
  const candidates = span < 4 * SECOND ? [1, 2, 5, 10].map((factor) => factor * power) : ROUND_STEPS;
  const step = candidates.find((size) => span / size <= MOST_TICKS) ?? span / 5;
  const ticks: number[] = [];
  for (let at = 0; at <= span * 0.98; at += step) ticks.push(at);
  return ticks;
}
