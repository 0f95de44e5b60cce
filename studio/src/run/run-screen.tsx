import { useMemo } from "react";
import type { RunView, StepView } from "@/api";
import { Page } from "@/app/page";
import { findStep } from "@/document/graph";
import type { StepKinds } from "@/document/types";
import { RunStatusChip } from "@/pages/runs/run-words";
import { Chip, CopyButton, Segmented } from "@/ui";
import { CancelRun } from "./cancel-run";
import { ownerOf } from "./evidence";
import { isOutermost, levelsOf, singleSteps, stepIn } from "./frames";
import { LoopProgressBars } from "./loop-progress";
import { Neighbours } from "./neighbours";
import { PauseRun } from "./pause-run";
import { RunCanvas } from "./run-canvas";
import { RunNotice } from "./run-notice";
import { RUN_STATUS_SENTENCE, startedInWords, tookInWords, untilInWords, wakeOf } from "./run-words";
import { StepPanel } from "./step-panel";
import { StepTable } from "./step-table";
import { Timeline } from "./timeline";
import type { RunPlace, RunViewKind } from "./use-run-place";

export interface RunScreenProps {
  /** As far as it has been played. */
  readonly run: RunView;
  /** Nothing more happens in it, even while it is still being played. */
  readonly ended: boolean;
  readonly kinds: StepKinds;
  readonly place: RunPlace;
  readonly onPlace: (change: Partial<RunPlace>) => void;
  readonly playing: boolean;
  readonly onSkip: () => void;
}

export function RunScreen({ run, ended, kinds, place, onPlace, playing, onSkip }: RunScreenProps) {
  const suggested = useMemo(() => suggestedStep(run), [run]);
  const shown = (place.step !== "" && viewOf(run, place.step, place.frame)) || suggested;
  const select = (step: string, frame: string) => onPlace({ step, frame });
  return (
    <Page
      title={run.subject || "Run"}
      crumbs={[
        { label: run.workflow_name, to: "/workflows/$id", params: { id: run.workflow_id } },
        { label: "Runs", to: "/workflows/$id/runs", params: { id: run.workflow_id } },
      ]}
      status={<RunFacts run={run} />}
      actions={
        <>
          <Segmented<RunViewKind>
            label="How to show the run"
            value={place.view}
            onValueChange={(view) => onPlace({ view })}
            options={[
              { value: "canvas", label: "Canvas" },
              { value: "timeline", label: "Timeline" },
              { value: "table", label: "Table" },
            ]}
          />
          <span className="flex-1" />
          {ended ? null : <PauseRun run={run.id} status={run.status} />}
          {ended ? null : <CancelRun run={run.id} />}
          <Neighbours run={run} />
          <CopyButton text={() => window.location.href} label="Copy link" size="medium" />
        </>
      }
      fill
    >
      <div className="flex min-w-0 flex-1 flex-col">
        <RunNotice run={run} />
        {ended ? null : <LoopProgressBars run={run} />}
        <div className="relative min-h-0 flex-1 overflow-hidden">
          {place.view === "canvas" ? (
            <RunCanvas
              run={run}
              kinds={kinds}
              frame={place.frame}
              selected={shown && cardOf(shown, place.frame)}
              onSelect={select}
              onFrame={(frame) => onPlace({ frame, step: "" })}
              playing={playing}
              onSkip={onSkip}
            />
          ) : null}
          {place.view === "timeline" ? (
            <Timeline run={run} kinds={kinds} selected={shown} onSelect={select} />
          ) : null}
          {place.view === "table" ? (
            <StepTable run={run} kinds={kinds} selected={shown} onSelect={select} />
          ) : null}
        </div>
      </div>
      <StepPanel run={run} kinds={kinds} view={shown} onPlace={onPlace} />
      <p aria-live="polite" className="visually-hidden">
        {RUN_STATUS_SENTENCE[run.status]}
      </p>
    </Page>
  );
}

/** Status, start, duration and version after the heading. */
function RunFacts({ run }: { run: RunView }) {
  const now = new Date();
  const waiting = run.status === "waiting" ? earliestWake(run) : null;
  const version = run.draft || run.version === null ? "draft" : `version ${run.version}`;
  const facts = [startedInWords(run.started_at, now), tookInWords(run), version].filter(Boolean);
  return (
    <>
      <RunStatusChip status={worksOn(run) ? "running" : run.status} />
      {waiting ? <Chip tone="warn">until {untilInWords(waiting, now)}</Chip> : null}
      <span className="shrink-0 truncate text-sm text-muted tabular">{facts.join(" · ")}</span>
    </>
  );
}

/** A run whose slices are at work waits for them, as the server sees it; to people it is at work. */
function worksOn(run: RunView): boolean {
  return run.status === "waiting" && (run.progress ?? []).length > 0 && (run.waiting_for ?? []).length === 0;
}

/** The card that stands for a step on the canvas of a frame: itself, or the loop it ran in. */
function cardOf(view: StepView, frame: string): string | null {
  if (view.frame === frame) return view.step;
  return view.frame.startsWith(frame) ? (levelsOf(view.frame)[levelsOf(frame).length]?.loop ?? null) : null;
}

function earliestWake(run: RunView): string | null {
  const wakes = run.steps.filter((step) => step.status === "waiting").flatMap((step) => wakeOf(step) ?? []);
  return wakes.sort()[0] ?? null;
}

/** A step may be linked without its frame; the frame it ran in is found then. */
function viewOf(run: RunView, step: string, frame: string): StepView | null {
  const found = stepIn(run, step, frame) ?? run.steps.find((view) => view.step === step);
  if (found) return found;
  return findStep(run.document, step) ? { step, frame, status: "pending", order: -1, attempts: 0 } : null;
}

/** What one wants to see first: the failure, else what it waits for, else who got the lead, else the last write. */
export function suggestedStep(run: RunView): StepView | null {
  const inOrder = singleSteps(run).sort((a, b) => a.order - b.order);
  const last = (wanted: (step: StepView) => boolean) => inOrder.findLast(wanted);
  return (
    // Inside a loop the step itself says more than the loop around it.
    [...inOrder]
      .filter((step) => step.status === "failed")
      .sort((a, b) => levelsOf(b.frame).length - levelsOf(a.frame).length)[0] ??
    last((step) => step.status === "uncertain") ??
    last((step) => step.status === "waiting") ??
    last((step) => step.status === "running") ??
    last((step) => isOutermost(run, step) && step.status === "done" && ownerOf(step) !== "") ??
    last((step) => isOutermost(run, step) && step.status === "done" && (step.written?.length ?? 0) > 0) ??
    last((step) => isOutermost(run, step) && step.status === "done") ??
    inOrder[0] ??
    null
  );
}
