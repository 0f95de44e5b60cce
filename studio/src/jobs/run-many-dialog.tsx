/** Running again every run that a list shows: how many that is, on which version, and whether it really writes. */
import { useState } from "react";
import {
  jobsApi,
  type RunChoice,
  type RunStatus,
  type RunVersion,
  useRunCount,
  useWorkflow,
  useWorkflows,
} from "@/api";
import { STATUS_WORDS } from "@/pages/runs/run-words";
import { VersionChoice, versionsOf } from "@/run/version-choice";
import { Refusal } from "@/try/refusal";
import { momentsOf, type Span, usualSpan } from "@/try/span";
import { SpanPicker } from "@/try/span-picker";
import { useStart } from "@/try/use-start";
import { Button, Checkbox, Combobox, Dialog, Field, Icon, Switch } from "@/ui";
import { MOST_COUNTED, runsCounted } from "./job-words";

interface RunManyDialogProps {
  /** Of the list; else one has to be chosen. */
  workflow: string | undefined;
  status: RunStatus | undefined;
  search: string | undefined;
  onClose: () => void;
}

export function RunManyDialog({ workflow: given, status, search, onClose }: RunManyDialogProps) {
  const [chosen, setChosen] = useState(given ?? "");
  const [now] = useState(() => new Date());
  const [span, setSpan] = useState<Span | null>(null);
  const [version, setVersion] = useState<RunVersion>("current");
  const [dry, setDry] = useState(false);
  const moments = span && momentsOf(span, now);
  const workflow = useWorkflow(chosen);
  const choice: RunChoice | null =
    chosen === "" || (span && !moments) ? null : { workflow: chosen, status, search, ...(moments ?? {}) };
  const count = useRunCount(choice);
  const { start, busy, refusal } = useStart();
  // A dry run of many tries one version on all of them.
  const versions = versionsOf(null, workflow.data).filter(({ value }) => !dry || value !== "same");
  const usable = versions.some(({ value }) => value === version) ? version : (versions[0]?.value ?? "same");
  const tooMany = (count.data ?? 0) > MOST_COUNTED;
  const ready = choice !== null && count.data !== 0 && !tooMany;
  const words = choice && count.data !== undefined ? runsCounted(count.data) : "them";

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={given && count.data !== undefined ? `Run ${words} again` : "Run these again"}
      description="Each with the event that started it. The old runs stay as they are; new ones are started, a few at a time."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            variant={dry ? "primary" : "danger"}
            icon={dry ? "eye" : "refresh"}
            busy={busy}
            disabled={!ready}
            onClick={() =>
              choice && void start(() => jobsApi.runManyAgain({ ...choice, version: usable, dry }))
            }
          >
            {dry ? `Show what ${words} would do` : `Run ${words} again`}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {refusal ? <Refusal what="It was not started." told={refusal} /> : null}
        {given ? null : <WorkflowField value={chosen} onChoose={setChosen} />}
        {chosen === "" ? null : <ChoiceWords status={status} search={search} />}
        <Checkbox
          label="Only those that started in a span"
          checked={span !== null}
          onCheckedChange={(wanted) => setSpan(wanted ? usualSpan(now) : null)}
        />
        {span ? <SpanPicker span={span} onSpan={setSpan} /> : null}
        {choice ? (
          <p role="status" className="flex items-start gap-2 text-sm">
            {count.isError ? (
              "How many runs that is could not be counted."
            ) : count.data === undefined ? (
              "Counting the runs…"
            ) : tooMany ? (
              <>
                <Icon name="warning" size={16} className="mt-px text-warn" />
                {`These are ${runsCounted(count.data)}, the most one job takes. Choose a shorter span.`}
              </>
            ) : (
              <b className="font-semibold">{runsCounted(count.data)}</b>
            )}
          </p>
        ) : null}
        <VersionChoice value={usable} onChoose={setVersion} versions={versions} />
        <div className="flex flex-col gap-1">
          <Switch checked={dry} onCheckedChange={setDry} label="As a dry run" />
          <p className="text-sm text-muted">
            {dry
              ? "Nothing is written: a table shows what would be. Other systems are only read."
              : "Their steps really write: leads are changed and other systems are called."}
          </p>
        </div>
      </div>
    </Dialog>
  );
}

/** Repeats the filter of the list, so that nobody runs more than they see. */
function ChoiceWords({ status, search }: Pick<RunManyDialogProps, "status" | "search">) {
  const parts = [
    status ? `that are “${STATUS_WORDS[status].label.toLowerCase()}”` : "",
    search ? `found by “${search}”` : "",
  ].filter(Boolean);
  return (
    <p className="text-sm text-muted">
      {parts.length === 0
        ? "Every run of the workflow."
        : `Only runs ${parts.join(" and ")}, as in the list.`}
    </p>
  );
}

function WorkflowField({ value, onChoose }: { value: string; onChoose: (id: string) => void }) {
  const workflows = useWorkflows().data?.items ?? [];
  return (
    <Field label="Of which workflow" required>
      {(control) => (
        <Combobox
          {...control}
          value={value}
          onValueChange={onChoose}
          placeholder="Choose a workflow…"
          searchPlaceholder="Find a workflow…"
          options={workflows.map(({ id, name }) => ({ value: id, label: name }))}
        />
      )}
    </Field>
  );
}
