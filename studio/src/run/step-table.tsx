import { clsx } from "clsx";
import type { RunView, StepView } from "@/api";
import { clock } from "@/app/time";
import { findStep, graphAt } from "@/document/graph";
import { outPorts } from "@/document/ports";
import type { StepId, StepKinds } from "@/document/types";
import { Cell, Chip, HeadCell, Row, Table, type Tone } from "@/ui";
import { frameInWords, singleSteps } from "./frames";
import { MOST_ROWS, RowsLeftOut } from "./rows-left-out";
import { outcomeInWords, tookInWords } from "./run-words";

interface StepTableProps {
  readonly run: RunView;
  readonly kinds: StepKinds;
  readonly selected: StepView | null;
  readonly onSelect: (step: StepId, frame: string) => void;
}

const TONES: Record<StepView["status"], Tone> = {
  pending: "neutral",
  running: "accent",
  waiting: "warn",
  uncertain: "warn",
  done: "ok",
  failed: "bad",
  skipped: "neutral",
  cancelled: "neutral",
};

/** Every step with its outcome, in the order they ran; the ones not reached come last. */
export function StepTable({ run, kinds, selected, onSelect }: StepTableProps) {
  const now = new Date();
  const steps = singleSteps(run).sort(
    (a, b) => Number(notReached(a)) - Number(notReached(b)) || a.order - b.order,
  );
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section aria-label="Steps of the run" tabIndex={0} className="h-full overflow-auto p-6">
      <div className="rounded-xl border border-border bg-surface">
        <Table>
          <thead>
            <tr>
              <HeadCell numeric>#</HeadCell>
              <HeadCell>Step</HeadCell>
              <HeadCell>Outcome</HeadCell>
              <HeadCell>Went by</HeadCell>
              <HeadCell>Started</HeadCell>
              <HeadCell numeric>Time</HeadCell>
              <HeadCell>Error</HeadCell>
            </tr>
          </thead>
          <tbody>
            {steps.slice(0, MOST_ROWS).map((view, index) => {
              const chosen = selected?.step === view.step && selected.frame === view.frame;
              const title = findStep(run.document, view.step)?.step.title ?? view.step;
              const round = frameInWords(run, view.frame, kinds);
              return (
                <Row
                  key={`${view.frame}/${view.step}`}
                  className={clsx("hover:bg-hover", chosen && "bg-accent-soft")}
                >
                  <Cell numeric className="text-faint">
                    {notReached(view) ? "" : index + 1}
                  </Cell>
                  <Cell>
                    <button
                      type="button"
                      aria-pressed={chosen}
                      className="text-left font-medium hover:underline"
                      onClick={() => onSelect(view.step, view.frame)}
                    >
                      {title}
                    </button>
                    {round === "" ? null : <span className="ml-1.5 text-xs text-muted">{round}</span>}
                  </Cell>
                  <Cell>
                    <Chip tone={TONES[view.status]}>{outcomeInWords(view, now)}</Chip>
                  </Cell>
                  <Cell className="text-muted">{portInWords(run, view, kinds)}</Cell>
                  <Cell className="text-muted tabular">{clock(view.started_at)}</Cell>
                  <Cell numeric className="whitespace-nowrap text-muted">
                    {notReached(view) ? "" : tookInWords(view)}
                  </Cell>
                  <Cell className="max-w-64 truncate text-bad" title={view.error?.message}>
                    {view.error ? `${view.error.code} ${view.error.message}` : ""}
                  </Cell>
                </Row>
              );
            })}
          </tbody>
        </Table>
        <RowsLeftOut count={steps.length - MOST_ROWS} />
      </div>
    </section>
  );
}

function notReached(view: StepView): boolean {
  return view.status === "skipped" || view.status === "pending";
}

function portInWords(run: RunView, view: StepView, kinds: StepKinds): string {
  const step = graphAt(run.document, [])?.steps[view.step] ?? findStep(run.document, view.step)?.step;
  if (!step || !view.port || view.status !== "done") return "";
  const ports = outPorts(step, kinds[step.kind]);
  return ports.length > 1 ? ports.find((port) => port.id === view.port)?.label || view.port : "";
}
