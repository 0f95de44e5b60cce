/** Where the bars of the timeline stand. */
import type { RunView, StepView } from "@/api";

export interface Bar {
  readonly view: StepView;
  /** Milliseconds after the run's start. */
  readonly from: number;
  /** In ms. */
  readonly length: number;
}

/**
 * A bar per step that acted, in recorded order, and the time they span in ms. Steps so quick that the clock stood
 * still for all of them are laid end to end by their durations; the order is known even when the moments are not.
 */
export function barsOf(run: RunView, now: number): { bars: Bar[]; span: number } {
  const acted = run.steps
    .filter((view) => view.status !== "skipped" && view.status !== "pending")
    .sort((a, b) => a.order - b.order);
  const start = Date.parse(run.started_at);
  let free = 0;
  const bars = acted.map((view): Bar => {
    const recorded = view.started_at ? Date.parse(view.started_at) - start : Number.NaN;
    const from = Math.max(Number.isFinite(recorded) ? recorded : 0, view.frame === "" ? free : 0);
    const length = lengthOf(view, from, start, now);
    if (view.frame === "") free = from + length;
    return { view, from, length };
  });
  const end = Math.max(0, ...bars.map((bar) => bar.from + bar.length));
  return { bars, span: end > 0 ? end : 1 };
}

function lengthOf(view: StepView, from: number, start: number, now: number): number {
  if (typeof view.duration_ms === "number") return view.duration_ms;
  if (view.finished_at) return Math.max(0, Date.parse(view.finished_at) - start - from);
  const goesOn = view.status === "running" || view.status === "waiting";
  return goesOn ? Math.max(0, now - start - from) : 0;
}

/** Round moments along a span, about five of them, from 0. */
export function ticksOf(span: number): number[] {
  const rough = span / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => span / size <= 6) ?? rough;
  const ticks: number[] = [];
  for (let at = 0; at <= span * 0.98; at += step) ticks.push(at);
  return ticks;
}
