/** The right side: the selected step, what it is set to, what goes in and what came out. */
import { clsx } from "clsx";
import { type ReactNode, useMemo } from "react";
import { useWorkflow } from "@/api";
import { availableData, contextOf } from "@/document/available-data";
import { BODY_WORDS } from "@/document/body-words";
import { setConfig } from "@/document/commands";
import { outPorts } from "@/document/ports";
import type { Json, Step, StepId, StepKind } from "@/document/types";
import { DataPanel, insertIntoLastField, OutputPanel, StepForm } from "@/forms";
import { Button, ErrorCode, IconButton, Tabs } from "@/ui";
import { AppTriggerCard, isAppTrigger } from "./app-trigger-card";
import { CALLBACK_KIND, CallbackCard } from "./callback-card";
import { useEditor, useSaveState, useSession, useShownDocument } from "./editor-context";
import { FailureOptions } from "./failure-options";
import { HookCard } from "./hook-card";
import { OutputTab } from "./output-tab";
import { PromiseNote } from "./promise-note";
import { frameOf } from "./run-follower";
import { isSchedule, ScheduleCalendar } from "./schedule/calendar";
import type { PanelTab } from "./session-store";
import { StepHeader } from "./step-header";
import { useRehearsal } from "./use-rehearsal";
import { useStepTest } from "./use-step-test";

interface StepPanelProps {
  id: StepId;
  step: Step;
  kind: StepKind | undefined;
}

export function StepPanel({ id, step, kind }: StepPanelProps) {
  const { session, kinds } = useEditor();
  const document = useShownDocument();
  const { path, tab, outputs, watching } = useSession((state) => state);
  const test = useStepTest(id);
  useRehearsal(id);
  const available = useMemo(
    () => availableData({ document, kinds, path, id, outputs }),
    [document, kinds, path, id, outputs],
  );
  const trigger = kind?.category === "trigger";
  const tabs = [
    {
      value: "setup",
      label: "Set up",
      content: <SetupTab id={id} step={step} kind={kind} available={available} />,
    },
    ...(trigger
      ? []
      : [{ value: "input", label: "Input", content: <InputTab id={id} available={available} /> }]),
    { value: "output", label: trigger ? "Event" : "Output", content: <OutputTab id={id} step={step} /> },
  ];
  return (
    <aside
      aria-label={`Step “${step.title}”`}
      data-step-panel
      tabIndex={-1}
      className="relative flex w-[470px] shrink-0 flex-col border-l border-border bg-surface outline-none max-[1100px]:w-[400px]"
    >
      <StepHeader id={id} step={step} kind={kind} />
      <Tabs
        label="Parts of the step"
        value={tabs.some(({ value }) => value === tab) ? tab : "setup"}
        onValueChange={(next) => session.getState().patch({ tab: next as PanelTab })}
        items={tabs.map((one) => ({ ...one, content: <Scroller>{one.content}</Scroller> }))}
        className="min-h-0 flex-1 [&>div:first-child]:px-[18px]"
        aside={
          trigger || watching ? null : (
            <span className="flex gap-2">
              <DataButton />
              <Button icon="bolt" busy={test.running} onClick={() => void test.run(contextOf(available))}>
                Test step
              </Button>
            </span>
          )
        }
      />
      <DataDock available={available} />
    </aside>
  );
}

function Scroller({ children }: { children: ReactNode }) {
  return <div className="h-full overflow-y-auto px-[18px] pb-6">{children}</div>;
}

type Available = ReturnType<typeof availableData>;

function SetupTab({ id, step, kind, available }: StepPanelProps & { available: Available }) {
  const { workflow, documents, session } = useEditor();
  const document = useShownDocument();
  const path = useSession((state) => state.path);
  const watching = useSession((state) => state.watching !== null);
  const allProblems = useSaveState((state) => state.problems);
  const live = useWorkflow(workflow).data?.active === true;
  const problems = useMemo(() => allProblems.filter((problem) => problem.step === id), [allProblems, id]);
  if (!kind) {
    return (
      <p className="text-muted">
        This server does not know steps of the kind “{step.kind}”. Remove it, or install what provides it.{" "}
        {problems.map(({ code }) => (
          <ErrorCode key={code} code={code} />
        ))}
      </p>
    );
  }
  const change = (config: Record<string, Json>) =>
    documents.getState().edit(setConfig, {
      path,
      id,
      config,
      ports: outPorts({ ...step, config }, kind).map((port) => port.id),
    });
  return (
    <div className="flex flex-col gap-4">
      {kind.category === "trigger" ? <HookCard step={id} /> : null}
      {isAppTrigger(kind) ? <AppTriggerCard step={id} /> : null}
      {kind.kind === CALLBACK_KIND ? <CallbackCard step={id} inBody={path.length > 0} /> : null}
      <StepForm
        key={id}
        workflowId={workflow}
        stepId={id}
        document={document}
        kind={kind}
        config={step.config}
        onChange={change}
        problems={problems}
        available={available}
        context={contextOf(available)}
        readOnly={watching}
      />
      {isSchedule(kind) ? (
        <ScheduleCalendar workflow={workflow} id={id} step={step} kind={kind} live={live} />
      ) : null}
      <PromiseNote step={step} kind={kind} />
      {watching ? null : <FailureOptions id={id} step={step} kind={kind} />}
      {step.body ? (
        <Button icon="loop" className="self-start" onClick={() => session.getState().enter([...path, id])}>
          {BODY_WORDS[kind.body ?? "per_item"].open}
        </Button>
      ) : null}
    </div>
  );
}

/** While building: the data to draw on. In a watched run: what really went in. */
function InputTab({ id, available }: { id: StepId; available: Available }) {
  const watching = useSession((state) => state.watching);
  const path = useSession((state) => state.path);
  const run = watching?.run;
  if (run) {
    const frame = frameOf(run, path);
    const seen = run.steps.find((one) => one.step === id && one.frame === frame);
    if (seen?.input !== undefined) return <OutputPanel title="What went in" value={seen.input} />;
  }
  return <DataPanel available={available} onInsert={insertIntoLastField} />;
}

function DataButton() {
  const { session } = useEditor();
  const open = useSession((state) => state.dataDock);
  const tab = useSession((state) => state.tab);
  if (tab !== "setup") return null;
  return (
    <Button
      variant="ghost"
      icon="braces"
      aria-label="Data"
      aria-pressed={open}
      className={clsx(open && "bg-accent-soft text-accent-text")}
      title="Show the data of earlier steps beside the form, to drag it into a field"
      onClick={() => session.getState().patch({ dataDock: !open })}
    >
      <span className="max-[1100px]:hidden">Data</span>
    </Button>
  );
}

/** The data of earlier steps beside the form, so that a pill can be dragged from one to the other. */
function DataDock({ available }: { available: Available }) {
  const { session } = useEditor();
  const open = useSession((state) => state.dataDock && state.tab === "setup");
  if (!open) return null;
  return (
    <section
      aria-label="Data of earlier steps"
      className="absolute top-0 right-full bottom-0 z-10 flex w-[280px] animate-[ui-slide-in_0.14s] flex-col border-l border-border bg-surface shadow-float"
    >
      <header className="flex items-center gap-2 px-3 py-3">
        <div className="flex-1">
          <h2 className="text-base font-semibold">Data</h2>
          <p className="text-xs text-muted">Drag into a field, or press to insert</p>
        </div>
        <IconButton
          icon="close"
          label="Close the data"
          onClick={() => session.getState().patch({ dataDock: false })}
        />
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto px-3 pb-4">
        <DataPanel available={available} onInsert={insertIntoLastField} />
      </div>
    </section>
  );
}
