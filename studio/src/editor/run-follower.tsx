/** Follows the run being watched and writes what it shows into the session; draws nothing itself. */
import { useEffect } from "react";
import { type RunView, useRun } from "@/api";
import { type Overlay, overlayOfRun } from "@/canvas";
import type { FramePath, Json, StepId } from "@/document/types";
import { useRunPlayback } from "@/run/use-run-playback";
import { useEditor } from "./editor-context";

export function RunFollower({ id }: { id: string }) {
  const { session, actions } = useEditor();
  const { data } = useRun(id);
  const { run, playing } = useRunPlayback(data, { fresh: true });
  useEffect(() => {
    if (session.getState().watching?.id !== id) return;
    session.getState().patch({ watching: { id, run: run ?? null, playing } });
    if (run) session.getState().learn(outputsOf(run));
  }, [session, id, run, playing]);
  const failed =
    run && !playing && run.status === "failed" ? run.steps.find(({ status }) => status === "failed") : null;
  const failedStep = failed?.step;
  useEffect(() => {
    // What went wrong is what one looks for next.
    if (failedStep === undefined) return;
    actions.goTo(failedStep);
    session.getState().patch({ tab: "output" });
  }, [failedStep, actions, session]);
  return null;
}

/** Of a loop's rounds, the first one speaks for the body. */
export function overlayAt(run: RunView | null, path: FramePath): Overlay | null {
  return run && overlayOfRun(run, frameOf(run, path));
}

/** The frame of a run that a place in the document shows. */
export function frameOf(run: RunView, path: FramePath): string {
  if (path.length === 0) return "";
  const frames = run.steps.map(({ frame }) => frame);
  const matches = (frame: string) =>
    frame
      .replace(/\[\d+\]/g, "")
      .split(/[./]/)
      .join() === path.join();
  return frames.find(matches) ?? `${path.join(".")}[0]`;
}

function outputsOf(run: RunView): Record<StepId, Json> {
  const outputs: Record<StepId, Json> = {};
  for (const { step, output } of run.steps) {
    if (output !== undefined && output !== null && !(step in outputs)) outputs[step] = output;
  }
  return outputs;
}
