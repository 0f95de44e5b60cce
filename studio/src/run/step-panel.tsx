import { type ReactNode, useState } from "react";
import type { RunView, StepView } from "@/api";
import { namesOfSteps } from "@/document/available-data";
import { findStep } from "@/document/graph";
import type { Step, StepKind, StepKinds } from "@/document/types";
import { OutputPanel, StepErrorBox } from "@/forms";
import { RunDecisions } from "@/pages/routing/run-decisions";
import { CategoryTile, Chip, EmptyState, Segmented } from "@/ui";
import { EvidenceView } from "./evidence-view";
import { frameInWords } from "./frames";
import { RunActions } from "./run-actions";
import { outcomeInWords, tookInWords, untilInWords, wakeOf } from "./run-words";
import type { RunPlace } from "./use-run-place";
import { othersWordOf, questionsOf, WaitingQuestions } from "./waiting-questions";
import { answerOf, questionOf } from "./why";
import { WrittenTable } from "./written-table";

interface StepPanelProps {
  readonly run: RunView;
  readonly kinds: StepKinds;
  readonly view: StepView | null;
  readonly onPlace: (change: Partial<RunPlace>) => void;
}

/** "Why?" in a sentence, then the evidence, then what was written, then the raw facts. */
export function StepPanel({ run, kinds, view, onPlace }: StepPanelProps) {
  const found = view ? findStep(run.document, view.step) : null;
  return (
    <aside
      aria-label="Selected step"
      className="flex w-[470px] max-w-[46vw] shrink-0 flex-col border-l border-border bg-surface"
    >
      {view && found ? (
        <StepFacts
          key={`${view.frame}/${view.step}`}
          run={run}
          kinds={kinds}
          view={view}
          step={found.step}
          onPlace={onPlace}
        />
      ) : (
        <EmptyState icon="hand" title="Choose a step" className="flex-1">
          Click a box to see why it came out as it did, and what went in and out.
        </EmptyState>
      )}
      <RunActions run={run} view={view} />
    </aside>
  );
}

/** What is written when a lead gets an owner. */
const OWNER = "Owner";

/** The whole decision behind an owner, asked for when somebody wants to know. */
function OwnerDecision({ run, step }: { run: string; step: string }) {
  const [open, setOpen] = useState(false);
  return (
    <details
      className="rounded-lg border border-border px-3 py-2"
      onToggle={(event) => setOpen(event.currentTarget.open)}
    >
      <summary className="cursor-pointer rounded-sm text-sm font-medium text-accent-text">
        The whole decision: rows passed over, counters before and after
      </summary>
      <div className="pt-2">{open ? <RunDecisions run={run} step={step} /> : null}</div>
    </details>
  );
}

interface StepFactsProps extends Omit<StepPanelProps, "view"> {
  readonly view: StepView;
  readonly step: Step;
}

function StepFacts({ run, kinds, view, step, onPlace }: StepFactsProps) {
  const kind = kinds[step.kind];
  const question = questionOf(run, view, kinds);
  const answer = answerOf(run, view, kinds);
  const wake = view.status === "waiting" ? wakeOf(view) : null;
  const now = new Date();
  const questions = questionsOf(run, view);
  const awaited = questions.length === 0 ? othersWordOf(run, view) : undefined;
  return (
    <section
      // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
      tabIndex={0}
      aria-label={step.title}
      className="flex min-h-0 flex-1 flex-col gap-4 overflow-auto p-[18px] pt-3.5"
    >
      <header className="flex items-center gap-2.5">
        <CategoryTile category={kind?.category ?? "logic"} icon={kind?.icon ?? "dot"} />
        <div className="min-w-0 flex-1">
          <h2 className="text-lg leading-5 font-bold break-words">{question}</h2>
          <p className="mt-0.5 text-sm text-muted tabular">{subtitleOf(view, step, kind, question, now)}</p>
        </div>
        {view.frame === "" ? null : (
          <FrameChip view={view} words={frameInWords(run, view.frame, kinds)} onPlace={onPlace} />
        )}
      </header>
      {answer && answer !== view.error?.message && questions.length === 0 ? (
        <p className="text-[13.5px] leading-[1.55] break-words">{answer}</p>
      ) : null}
      {questions.length > 0 ? <WaitingQuestions items={questions} /> : null}
      {(wake || awaited) && questions.length === 0 ? (
        <p className="rounded-lg bg-warn-soft px-3.5 py-2.5 text-warn">
          {waitInWords(awaited?.title, wake, now)}
        </p>
      ) : null}
      {view.error ? <StepErrorBox error={view.error} /> : null}
      <EvidenceView
        run={run}
        view={view}
        step={step}
        kind={kind}
        available={namesOfSteps(allSteps(run), kinds)}
      />
      {view.written?.some(({ label }) => label === OWNER) ? (
        <OwnerDecision run={run.id} step={view.step} />
      ) : null}
      {view.written && view.written.length > 0 ? (
        <Part title="Written">
          <WrittenTable written={view.written} />
        </Part>
      ) : null}
      <RawFacts view={view} title={step.title} />
    </section>
  );
}

/** "Waiting until 14:05.", "Waits for another system to call, until 14:05 at the latest." */
function waitInWords(awaited: string | undefined, wake: string | null, now: Date): string {
  if (!awaited) return wake ? `Waiting until ${untilInWords(wake, now)}.` : "";
  return wake ? `${awaited}, until ${untilInWords(wake, now)} at the latest.` : `${awaited}.`;
}

/** "Route to account owner · decided in 0.3 ms". */
function subtitleOf(
  view: StepView,
  step: Step,
  kind: StepKind | undefined,
  question: string,
  now: Date,
): string {
  const time = tookInWords(view);
  const decides = kind?.ports.rule === "cases" || kind?.category === "logic" || question.startsWith("Why");
  const outcome = view.status === "done" && view.attempts <= 1 ? "" : outcomeInWords(view, now);
  const took =
    time === "" || view.status === "skipped"
      ? ""
      : decides && view.status === "done"
        ? `decided in ${time.replace("< ", "less than ")}`
        : time;
  const title = question === step.title ? (kind?.title ?? "") : step.title;
  return [title, outcome, took].filter(Boolean).join(" · ");
}

interface FrameChipProps {
  readonly view: StepView;
  readonly words: string;
  readonly onPlace: (change: Partial<RunPlace>) => void;
}

function FrameChip({ view, words, onPlace }: FrameChipProps) {
  if (words === "") return null;
  return (
    <button
      type="button"
      title="Show this round on the canvas"
      onClick={() => onPlace({ view: "canvas", frame: view.frame, step: view.step })}
    >
      <Chip icon="loop">{words}</Chip>
    </button>
  );
}

/** Every step of the document in one graph, so that names are found wherever they stand. */
function allSteps(run: RunView) {
  const steps: Record<string, Step> = {};
  const collect = (graph: { steps: Record<string, Step> }) => {
    for (const [id, step] of Object.entries(graph.steps)) {
      steps[id] = step;
      if (step.body) collect(step.body);
    }
  };
  collect(run.document);
  return { steps, edges: [] };
}

/** A titled part of the panel. */
export function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3 className="mb-1.5 text-xs font-semibold text-muted">{title}</h3>
      {children}
    </section>
  );
}

type Side = "output" | "input";

function RawFacts({ view, title }: { view: StepView; title: string }) {
  const [side, setSide] = useState<Side>("output");
  const hasInput = view.input !== undefined && view.input !== null;
  const hasOutput = view.output !== undefined && view.output !== null;
  if (!hasInput && !hasOutput) return null;
  const shown: Side = side === "input" && hasInput ? "input" : hasOutput ? "output" : "input";
  return (
    <section aria-label="Input and output" className="flex flex-col gap-2">
      {hasInput && hasOutput ? (
        <Segmented<Side>
          size="small"
          label="Input or output"
          className="self-start"
          value={shown}
          onValueChange={setSide}
          options={[
            { value: "input", label: "Input" },
            { value: "output", label: "Output" },
          ]}
        />
      ) : (
        <h3 className="text-xs font-semibold text-muted">{shown === "input" ? "Input" : "Output"}</h3>
      )}
      <OutputPanel
        title={`${shown === "input" ? "Input" : "Output"} of ${title}`}
        value={shown === "input" ? view.input : view.output}
      />
    </section>
  );
}
