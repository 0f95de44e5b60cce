/** Follows the run being watched and writes what it shows into the session; draws nothing itself. */
import { useEffect } from "react";
import { type RunView, useRun } from "@/api";
import type { FramePath, Json, StepId, StepKinds } from "@/document/types";
import { pathOfFrame } from "@/run/frames";
import { overlayOf, type RunOverlay } from "@/run/overlay";
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
export function overlayAt(run: RunView | null, path: FramePath, kinds: StepKinds): RunOverlay | null {
  return run && overlayOf(run, frameOf(run, path), kinds);
}

/** The frame of a run that a place in the document shows. */
export function frameOf(run: RunView, path: FramePath): string {
  if (path.length === 0) return "";
  const found = run.steps.find(({ frame }) => pathOfFrame(frame).join() === path.join());
  return found?.frame ?? path.map((loop) => `${loop}[0]`).join("/");
}

function outputsOf(run: RunView): Record<StepId, Json> {
  const outputs: Record<StepId, Json> = {};
  for (const { step, output } of run.steps) {
    if (output !== undefined && output !== null && !(step in outputs)) outputs[step] = output;
  }
  return outputs;
}
