/**
 * The workflow's own settings: how its runs are ordered, limited and kept. Each change is an edit of the draft like any
 * other, so it is saved by itself and can be undone; it holds from the next publishing on.
 */
import { type ReactNode, useMemo } from "react";
import { useWorkflows } from "@/api";
import { triggerData } from "@/document/available-data";
import { setSettings } from "@/document/commands";
import type { Priority, WorkflowSettings } from "@/document/types";
import { fieldInWords } from "@/forms/condition/words";
import { FormScopeProvider } from "@/forms/scope";
import { sentence } from "@/forms/sentence";
import { Button, Combobox, Dialog, Field, Input, Segmented, Switch } from "@/ui";
import { useDocument, useEditor, useSaveState, useSession } from "../editor-context";
import { KeyField } from "./key-field";
import * as says from "./sentences";
import { WholeNumber } from "./whole-number";

type Change = Parameters<typeof setSettings.run>[1]["settings"];

const RUNS = [{ label: "runs", size: 1 }] as const;
const DAYS = [{ label: "days", size: 1 }] as const;
const SECONDS = [
  { label: "seconds", size: 1 },
  { label: "minutes", size: 60 },
  { label: "hours", size: 3600 },
] as const;
const MINUTES = [
  { label: "minutes", size: 1 },
  { label: "hours", size: 60 },
  { label: "days", size: 1440 },
] as const;
const HOURS = [
  { label: "hours", size: 1 },
  { label: "days", size: 24 },
] as const;

export function SettingsDialog({ onClose }: { onClose: () => void }) {
  const { documents, kinds, workflow } = useEditor();
  const document = useDocument();
  const outputs = useSession((state) => state.outputs);
  const problems = useSaveState((state) => state.problems);
  const available = useMemo(() => triggerData(document, kinds, outputs), [document, kinds, outputs]);
  const settings = document.settings ?? {};
  const name: says.NameOfKey = (template) => {
    const words = fieldInWords(template, available);
    return words.charAt(0).toLowerCase() + words.slice(1);
  };
  const set = (change: Change) => documents.getState().edit(setSettings, { settings: change });
  const problemAt = (field: string) => {
    const found = problems.find((problem) => problem.field === `/settings/${field}`);
    return found && `${sentence(found.message)} ${sentence(found.action)}`;
  };
  const kind = Object.values(kinds)[0];
  if (!kind) return null;
  const parts: PartProps = { settings, set, name, problemAt, available };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Workflow settings"
      description="How runs of this workflow are ordered, limited and kept. They hold from the next publishing on."
      width="large"
      footer={
        <Button variant="primary" onClick={onClose}>
          Done
        </Button>
      }
    >
      <FormScopeProvider
        workflowId={workflow}
        stepId=""
        document={document}
        kind={kind}
        available={available}
        problems={[]}
        readOnly={false}
      >
        <div className="flex flex-col gap-7">
          <Group title="Order and limits">
            <OrderPart {...parts} />
            <MostPart {...parts} />
            <PriorityPart {...parts} />
          </Group>
          <Group title="Bursts and repeats">
            <DebouncePart {...parts} />
            <DedupePart {...parts} />
          </Group>
          <Group title="When it goes wrong">
            <TimeoutPart {...parts} />
            <ErrorPart {...parts} workflow={workflow} />
          </Group>
          <Group title="History">
            <HistoryPart {...parts} />
          </Group>
        </div>
      </FormScopeProvider>
    </Dialog>
  );
}

interface PartProps {
  readonly settings: WorkflowSettings;
  readonly set: (change: Change) => void;
  readonly name: says.NameOfKey;
  readonly problemAt: (field: string) => string | undefined;
  readonly available: ReturnType<typeof triggerData>;
}

function Group({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h3 className="mb-2 text-xs font-semibold text-muted">{title}</h3>
      <div className="divide-y divide-border rounded-xl border border-border bg-surface">{children}</div>
    </section>
  );
}

interface PartFrameProps {
  readonly title: string;
  /** What the present setting means. */
  readonly means: string;
  /** For settings that are on or off. */
  readonly on?: boolean;
  readonly onSwitch?: (on: boolean) => void;
  readonly aside?: ReactNode;
  readonly children?: ReactNode;
}

/** One setting: its name, what it means as it stands, and, once it is on, its fields. */
function Part({ title, means, on, onSwitch, aside, children }: PartFrameProps) {
  return (
    <div className="px-4 py-3">
      <div className="flex items-start gap-4">
        <div className="min-w-0 flex-1">
          <h4 className="text-base font-medium">{title}</h4>
          <p className="mt-0.5 text-sm text-muted">{means}</p>
        </div>
        {onSwitch ? <Switch aria-label={title} checked={on === true} onCheckedChange={onSwitch} /> : aside}
      </div>
      {children ? <div className="mt-3 flex flex-col gap-3">{children}</div> : null}
    </div>
  );
}

function OrderPart({ settings, set, name, problemAt, available }: PartProps) {
  const order = settings.order_by;
  return (
    <Part
      title="Keep runs about the same thing in order"
      means={says.orderSentence(settings, name)}
      on={order !== undefined}
      onSwitch={(on) => set({ order_by: on ? { key: "" } : undefined })}
    >
      {order ? (
        <div className="grid gap-3 sm:grid-cols-[1fr_240px]">
          <KeyField
            label="The same"
            value={order.key}
            available={available}
            problem={problemAt("order_by/key")}
            onChange={(key) => set({ order_by: { ...order, key } })}
          />
          <Field label="Group of workflows" help="Those that name the same group wait for one another.">
            {(control) => (
              <Input
                {...control}
                value={order.space ?? ""}
                maxLength={80}
                placeholder="Only this workflow"
                onChange={(event) => {
                  const space = event.target.value;
                  set({ order_by: space.trim() === "" ? { key: order.key } : { key: order.key, space } });
                }}
              />
            )}
          </Field>
        </div>
      ) : null}
    </Part>
  );
}

const USUAL_MOST = 5;

function MostPart({ settings, set, problemAt }: PartProps) {
  const most = settings.most_at_once;
  return (
    <Part
      title="Limit how many run at once"
      means={says.mostSentence(settings)}
      on={most !== undefined}
      onSwitch={(on) => set({ most_at_once: on ? USUAL_MOST : undefined })}
    >
      {most === undefined ? null : (
        <WholeNumber
          label="At most"
          value={most}
          least={1}
          most={1000}
          units={RUNS}
          problem={problemAt("most_at_once")}
          onChange={(value) => value !== undefined && set({ most_at_once: value })}
        />
      )}
    </Part>
  );
}

function PriorityPart({ settings, set }: PartProps) {
  return (
    <Part
      title="Priority"
      means={says.prioritySentence(settings)}
      aside={
        <Segmented<Priority>
          label="Priority"
          value={settings.priority ?? "normal"}
          options={[
            { value: "high", label: "High" },
            { value: "normal", label: "Normal" },
            { value: "low", label: "Low" },
          ]}
          onValueChange={(priority) => set({ priority: priority === "normal" ? undefined : priority })}
        />
      }
    />
  );
}

const USUAL_QUIET = 30;

function DebouncePart({ settings, set, name, problemAt, available }: PartProps) {
  const burst = settings.debounce;
  return (
    <Part
      title="Make one run of a burst"
      means={says.debounceSentence(settings, name)}
      on={burst !== undefined}
      onSwitch={(on) => set({ debounce: on ? { key: "", seconds: USUAL_QUIET } : undefined })}
    >
      {burst ? (
        <div className="grid gap-3 sm:grid-cols-[1fr_220px_150px]">
          <KeyField
            label="The same"
            value={burst.key}
            available={available}
            problem={problemAt("debounce/key")}
            onChange={(key) => set({ debounce: { ...burst, key } })}
          />
          <WholeNumber
            label="Quiet for"
            value={burst.seconds}
            least={1}
            most={86_400}
            units={SECONDS}
            problem={problemAt("debounce/seconds")}
            onChange={(seconds) => seconds !== undefined && set({ debounce: { ...burst, seconds } })}
          />
          <div className="flex flex-col gap-1">
            <span className="flex min-h-[18px] items-center text-xs font-semibold text-muted">Run with</span>
            <Segmented<"last" | "first">
              label="Which event of a burst is kept"
              className="self-start"
              value={burst.keep ?? "last"}
              options={[
                { value: "last", label: "The last" },
                { value: "first", label: "The first" },
              ]}
              onValueChange={(keep) => set({ debounce: { ...burst, keep } })}
            />
          </div>
        </div>
      ) : null}
    </Part>
  );
}

const USUAL_HOURS = 24;

function DedupePart({ settings, set, name, problemAt, available }: PartProps) {
  const repeats = settings.dedupe;
  return (
    <Part
      title="Ignore repeats"
      means={says.dedupeSentence(settings, name)}
      on={repeats !== undefined}
      onSwitch={(on) => set({ dedupe: on ? { key: "", hours: USUAL_HOURS } : undefined })}
    >
      {repeats ? (
        <div className="grid gap-3 sm:grid-cols-[1fr_240px]">
          <KeyField
            label="The same"
            value={repeats.key}
            available={available}
            problem={problemAt("dedupe/key")}
            onChange={(key) => set({ dedupe: { ...repeats, key } })}
          />
          <WholeNumber
            label="Within"
            value={repeats.hours}
            least={1}
            most={8760}
            units={HOURS}
            problem={problemAt("dedupe/hours")}
            onChange={(hours) => hours !== undefined && set({ dedupe: { ...repeats, hours } })}
          />
        </div>
      ) : null}
    </Part>
  );
}

const USUAL_MINUTES = 60;

function TimeoutPart({ settings, set, problemAt }: PartProps) {
  const minutes = settings.timeout_minutes;
  return (
    <Part
      title="Longest time of a run"
      means={says.timeoutSentence(settings)}
      on={minutes !== undefined}
      onSwitch={(on) => set({ timeout_minutes: on ? USUAL_MINUTES : undefined })}
    >
      {minutes === undefined ? null : (
        <WholeNumber
          label="At most"
          value={minutes}
          least={1}
          most={525_600}
          units={MINUTES}
          problem={problemAt("timeout_minutes")}
          onChange={(value) => value !== undefined && set({ timeout_minutes: value })}
        />
      )}
    </Part>
  );
}

function ErrorPart({ settings, set, problemAt, workflow }: PartProps & { workflow: string }) {
  const workflows = useWorkflows();
  const others = (workflows.data?.items ?? []).filter(({ id }) => id !== workflow);
  const chosen = settings.error_workflow;
  const title = others.find(({ id }) => id === chosen)?.name ?? "another workflow";
  const known = others.map(({ id, name, published_version }) => ({
    value: id,
    label: name,
    hint: published_version === null ? "not published yet" : `version ${published_version}`,
  }));
  return (
    <Part title="Start another workflow when a run fails" means={says.errorSentence(settings, title)}>
      <Field label="Workflow" error={problemAt("error_workflow")}>
        {(control) => (
          <div className="flex max-w-[420px] items-center gap-1.5">
            <Combobox
              {...control}
              value={chosen}
              options={
                chosen && !others.some(({ id }) => id === chosen)
                  ? [{ value: chosen, label: title }, ...known]
                  : known
              }
              placeholder="None"
              emptyText="No other workflow of that name."
              onValueChange={(error_workflow) => set({ error_workflow })}
            />
            {chosen ? (
              <Button variant="ghost" onClick={() => set({ error_workflow: undefined })}>
                None
              </Button>
            ) : null}
          </div>
        )}
      </Field>
    </Part>
  );
}

function HistoryPart({ settings, set, problemAt }: PartProps) {
  const { keep_days: keep = says.KEEP_DAYS, thin_after_days: thin } = settings;
  const idle = thin !== undefined && thin >= keep;
  return (
    <Part title="How long runs are kept" means={says.historySentence(settings)}>
      <div className="grid gap-3 sm:grid-cols-2">
        <WholeNumber
          label="Delete after"
          value={keep}
          least={1}
          most={3650}
          units={DAYS}
          problem={problemAt("keep_days")}
          onChange={(days) => set({ keep_days: days === says.KEEP_DAYS ? undefined : days })}
        />
        <WholeNumber
          label="Thin completed runs after"
          value={thin}
          least={1}
          most={3650}
          units={DAYS}
          optional
          placeholder="never"
          help={
            idle
              ? "Has no effect: by then the runs are deleted."
              : "Saves room: of a completed run only its beginning and its end stay."
          }
          problem={problemAt("thin_after_days")}
          onChange={(days) => set({ thin_after_days: days })}
        />
      </div>
    </Part>
  );
}
