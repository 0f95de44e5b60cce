import { useCallback, useEffect, useMemo, useState } from "react";
import { hasEnded, type RunView } from "@/api";
import { beatLength, beatsOf, runAtBeat } from "./playback";

const justStarted = new Set<string>();

/** Remembers that the user started this run just now, so that the page it opens on plays it from its first step. */
export function playFromStart(run: string): void {
  justStarted.add(run);
}

/** True once for a run that was just started. */
export function takeJustStarted(run: string): boolean {
  return justStarted.delete(run);
}

interface PlaybackOptions {
  /** True when the user just started this run: it is played from its first step. Else it shows as it is. */
  readonly fresh: boolean;
}

export interface Playback {
  /** The run as far as it has been played. */
  readonly run: RunView | undefined;
  /** More is to come, because the run goes on or because it is still being played. */
  readonly playing: boolean;
  /** Shows the run as it is, at once. */
  readonly skip: () => void;
}

/**
 * Shows a run step by step in its recorded order, also when it was over before it was first seen. People who asked
 * for less motion see each state as it comes.
 */
export function useRunPlayback(run: RunView | undefined, { fresh }: PlaybackOptions): Playback {
  const id = run?.id;
  const [played, setPlayed] = useState<{ id: string | undefined; beats: number }>({
    id: undefined,
    beats: 0,
  });
  const start = fresh && !prefersStill() ? 0 : Number.POSITIVE_INFINITY;
  const beats = played.id === id ? played.beats : start;
  const total = useMemo(() => (run ? beatsOf(run).length : 0), [run]);
  const behind = run !== undefined && beats < total;

  useEffect(() => {
    if (!behind) return;
    const timer = setTimeout(() => setPlayed({ id, beats: beats + 1 }), beatLength(total));
    return () => clearTimeout(timer);
  }, [behind, beats, total, id]);

  const shown = useMemo(() => (run && behind ? runAtBeat(run, beats) : run), [run, behind, beats]);
  const skip = useCallback(() => setPlayed({ id, beats: Number.POSITIVE_INFINITY }), [id]);
  return { run: shown, playing: behind || (run !== undefined && !hasEnded(run.status)), skip };
}

function prefersStill(): boolean {
  return window.matchMedia("(prefers-reduced-motion: reduce)").matches;
}
