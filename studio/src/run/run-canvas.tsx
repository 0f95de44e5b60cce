import { useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import type { RunView } from "@/api";
import { Canvas } from "@/canvas";
import type { StepId, StepKinds } from "@/document/types";
import { useNamedThings } from "@/editor/use-named-things";
import { Button, toast } from "@/ui";
import { FrameBar } from "./frame-bar";
import { pathOfFrame, roundsOf } from "./frames";
import { overlayOf } from "./overlay";
import { StepMenu } from "./step-menu";

interface RunCanvasProps {
  readonly run: RunView;
  readonly kinds: StepKinds;
  readonly frame: string;
  readonly selected: StepId | null;
  readonly onSelect: (step: StepId, frame: string) => void;
  readonly onFrame: (frame: string) => void;
  readonly playing: boolean;
  readonly onSkip: () => void;
}

/** The workflow as it ran, or one round of a loop in it. */
export function RunCanvas({
  run,
  kinds,
  frame,
  selected,
  onSelect,
  onFrame,
  playing,
  onSkip,
}: RunCanvasProps) {
  const path = useMemo(() => pathOfFrame(frame), [frame]);
  const { statuses, traffic } = useMemo(() => overlayOf(run, frame, kinds), [run, frame, kinds]);
  const named = useNamedThings();
  const navigate = useNavigate();
  const openLoop = (loop: StepId) => {
    const [first] = roundsOf(run, loop, frame);
    if (first) onFrame(first.frame);
    else if (ranInSlices(run, loop))
      toast({
        title: "Its items ran in slices",
        description: "Each slice of a big list is a run of its own; they stand in the list of runs.",
        action: {
          label: "Show them",
          onSelect: () => void navigate({ to: "/workflows/$id/runs", params: { id: run.workflow_id } }),
        },
      });
    else toast({ title: "Nothing ran inside", description: "Its steps were never reached in this run." });
  };
  return (
    <StepMenu run={run} frame={frame}>
      <Canvas
        document={run.document}
        kinds={kinds}
        path={path}
        mode="run"
        label={`What happened in ${run.workflow_name}`}
        selection={selected ? [selected] : []}
        onSelect={(ids) => ids[0] && onSelect(ids[0], frame)}
        onOpenBody={openLoop}
        statuses={statuses}
        traffic={traffic}
        named={named}
      >
        {frame === "" ? null : <FrameBar run={run} kinds={kinds} frame={frame} onFrame={onFrame} />}
        {playing && run.status === "running" ? (
          <div className="absolute bottom-4 left-1/2 -translate-x-1/2">
            <Button size="small" className="shadow-float" onClick={onSkip}>
              Skip to the end
            </Button>
          </div>
        ) : null}
      </Canvas>
    </StepMenu>
  );
}

/** The loop did something, and nothing of it is kept here. */
function ranInSlices(run: RunView, loop: StepId): boolean {
  if ((run.progress ?? []).some(({ step }) => step === loop)) return true;
  const output = run.steps.find(({ step }) => step === loop)?.output;
  return (
    typeof output === "object" &&
    output !== null &&
    "count" in output &&
    typeof output.count === "number" &&
    output.count > 0
  );
}
