/** "When it goes wrong": what a step does besides its work. Folded, because most steps never need it. */
import { type StepOptions, setOptions } from "@/document/commands";
import { incoming } from "@/document/graph";
import type { Join, OnError, Step, StepId, StepKind } from "@/document/types";
import { Field, Icon, Input, Select, Switch, Textarea } from "@/ui";
import { useEditor, useGraph, useSession } from "./editor-context";
import { RetryOptions } from "./retry-options";

interface FailureOptionsProps {
  id: StepId;
  step: Step;
  kind: StepKind;
}

export function FailureOptions({ id, step, kind }: FailureOptionsProps) {
  const { documents } = useEditor();
  const path = useSession((state) => state.path);
  const graph = useGraph();
  const set = (options: StepOptions) => documents.getState().edit(setOptions, { path, ids: [id], options });
  const trigger = kind.category === "trigger";
  const meets = incoming(graph, id).length > 1;
  const inShort = summaryWords(step);
  return (
    <details className="group rounded-lg border border-border">
      <summary className="flex cursor-pointer list-none items-center gap-2 rounded-lg px-3 py-2 font-medium hover:bg-hover">
        <Icon
          name="chevron-right"
          size={14}
          className="text-faint transition-transform group-open:rotate-90"
        />
        {trigger ? "Note and switch" : "When it goes wrong"}
        <span className="ml-auto truncate text-xs font-normal text-muted">{inShort}</span>
      </summary>
      <div className="flex flex-col gap-3.5 border-t border-border px-3 pt-3 pb-3.5">
        {!trigger && kind.has_error_port ? <ErrorOptions step={step} set={set} /> : null}
        {meets ? (
          <Field label="Starts when" help="Several paths lead here.">
            {(control) => (
              <Select
                {...control}
                value={step.join ?? "all"}
                onValueChange={(join) => set({ join: join === "all" ? undefined : (join as Join) })}
                options={[
                  { value: "all", label: "every path has arrived or was skipped" },
                  { value: "first", label: "the first path arrives" },
                ]}
              />
            )}
          </Field>
        ) : null}
        <Field label="Note" help="For colleagues; shown on the card.">
          {(control) => (
            <Textarea
              {...control}
              rows={2}
              value={step.note ?? ""}
              onChange={(event) => set({ note: event.target.value === "" ? undefined : event.target.value })}
            />
          )}
        </Field>
        <Switch
          label={trigger ? "Switched off: starts nothing" : "Switched off: data passes through unchanged"}
          checked={step.disabled === true}
          onCheckedChange={(disabled) => set({ disabled: disabled ? true : undefined })}
        />
      </div>
    </details>
  );
}

function ErrorOptions({ step, set }: { step: Step; set(options: StepOptions): void }) {
  return (
    <>
      <Field label="If the step fails">
        {(control) => (
          <Select
            {...control}
            value={step.on_error ?? "stop"}
            onValueChange={(value) => set({ on_error: value === "stop" ? undefined : (value as OnError) })}
            options={[
              { value: "stop", label: "stop the run and mark it failed" },
              { value: "continue", label: "go on without its output" },
              { value: "branch", label: "take the way out “when it fails”" },
            ]}
          />
        )}
      </Field>
      <RetryOptions retry={step.retry} onChange={(retry) => set({ retry })} />
      <Field
        label="Time limit"
        help="Seconds after which the step counts as failed; empty for the usual minute, or what an app says its jobs need."
      >
        {(control) => (
          <Input
            {...control}
            type="number"
            min={1}
            max={3600}
            value={step.timeout_seconds ?? ""}
            onChange={(event) => {
              const limit = event.target.valueAsNumber;
              set({ timeout_seconds: Number.isNaN(limit) ? undefined : bounded(limit, 1, 3600) });
            }}
          />
        )}
      </Field>
    </>
  );
}

function bounded(value: number, least: number, most: number): number {
  return Number.isNaN(value) ? least : Math.min(most, Math.max(least, Math.round(value)));
}

function summaryWords(step: Step): string {
  const words = [
    step.disabled ? "switched off" : "",
    step.on_error === "continue" ? "goes on" : step.on_error === "branch" ? "own way out" : "",
    step.retry ? `${step.retry.times} ${step.retry.times === 1 ? "retry" : "retries"}` : "",
    step.timeout_seconds ? `${step.timeout_seconds} s limit` : "",
    step.join === "first" ? "first arrival" : "",
    step.note ? "note" : "",
  ];
  return words.filter(Boolean).join(" · ");
}
