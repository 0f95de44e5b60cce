import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import {
  type Job,
  type LeadChange,
  type LeadSelection,
  leadListsApi,
  tell,
  useJob,
  useLists,
  useOwners,
  usePools,
  useStages,
  useWorkflows,
} from "@/api";
import { CancelJob, JobProgress } from "@/jobs/job-progress";
import { headlineOf, many, progressWords } from "@/jobs/job-words";
import {
  Button,
  Checkbox,
  Combobox,
  Dialog,
  Field,
  Loading,
  Select,
  type SelectOption,
  Skeleton,
} from "@/ui";
import { SetFieldInput } from "./set-field-input";

const KINDS: readonly (SelectOption & { value: LeadChange["do"] })[] = [
  { value: "set_field", label: "Set a field" },
  { value: "set_stage", label: "Set the stage" },
  { value: "assign", label: "Assign to an owner" },
  { value: "route", label: "Deal out by a pool" },
  { value: "add_to_list", label: "Add to a list" },
  { value: "remove_from_list", label: "Remove from a list" },
  { value: "rescore", label: "Score again" },
  { value: "start_workflow", label: "Start a workflow for each" },
  { value: "delete", label: "Delete" },
];

interface ChangeDialogProps {
  which: LeadSelection;
  /** How many they are; null while that has to be counted. */
  count: number | null;
  onClose: () => void;
}

/** A change of many leads: first how many, then what, then how far it is. */
export function ChangeDialog({ which, count: known, onClose }: ChangeDialogProps) {
  const client = useQueryClient();
  const [kind, setKind] = useState<LeadChange["do"]>("set_field");
  const [change, setChange] = useState<LeadChange | null>(null);
  const [sure, setSure] = useState(false);
  const [job, setJob] = useState<Job | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const counted = useCounted(which, known);
  const choose = (next: LeadChange["do"]) => {
    setKind(next);
    setChange(next === "rescore" || next === "delete" ? { do: next } : null);
  };
  const start = async () => {
    if (!change) return;
    setBusy(true);
    setError(null);
    try {
      setJob(await leadListsApi.change(which, change, counted.count));
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  const close = () => {
    if (job) void client.invalidateQueries();
    onClose();
  };
  const told = error ? tell(error) : null;
  const words = counted.count === null ? "leads" : many(counted.count, "lead");
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : close())}
      title={job ? "Changing many leads" : `Change ${words}`}
      footer={
        job ? (
          <Button variant="primary" onClick={close}>
            Close
          </Button>
        ) : (
          <>
            <Button onClick={close}>Cancel</Button>
            <Button
              variant={kind === "delete" ? "danger" : "primary"}
              busy={busy}
              disabled={!change || counted.count === null || (kind === "delete" && !sure)}
              onClick={() => void start()}
            >
              {kind === "delete" ? `Delete ${words}` : `Change ${words}`}
            </Button>
          </>
        )
      }
    >
      {job ? (
        <UnderWay id={job.id} />
      ) : (
        <div className="flex flex-col gap-4">
          {told ? (
            <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-bad">
              {[told.detail || told.title, told.action].filter(Boolean).join(" ")}
            </p>
          ) : null}
          {counted.count === null ? (
            <p role="status" className="text-muted">
              Counting: {counted.soFar.toLocaleString("en")} so far. It can be started once they are counted.
            </p>
          ) : null}
          <Field label="What">
            {(control) => (
              <Select
                {...control}
                value={kind}
                options={[...KINDS]}
                onValueChange={(next) => choose(next as LeadChange["do"])}
              />
            )}
          </Field>
          <ChangeValue kind={kind} change={change} onChange={setChange} />
          {kind === "delete" ? (
            <Checkbox
              checked={sure}
              onCheckedChange={setSure}
              label="Everything known of these people is erased, with their runs. This cannot be undone."
            />
          ) : null}
          <p className="text-muted">
            It goes on by itself, also when the server is restarted, and can be stopped. No lead is changed
            twice.
          </p>
        </div>
      )}
    </Dialog>
  );
}

/** How many leads are meant: known, or counted by a job. */
function useCounted(which: LeadSelection, known: number | null) {
  const [id, setId] = useState<string | null>(null);
  const [first] = useState(which);
  useEffect(() => {
    if (known !== null) return;
    let gone = false;
    void leadListsApi.count(first).then((job) => {
      if (!gone) setId(job.id);
    });
    return () => {
      gone = true;
    };
  }, [first, known]);
  const job = useJob(id ?? "", id !== null).data;
  const done = job?.status === "completed" ? job.done : null;
  return { count: known ?? done, soFar: job?.done ?? 0 };
}

function UnderWay({ id }: { id: string }) {
  const job = useJob(id).data;
  if (!job) {
    return (
      <Loading label="Starting">
        <Skeleton className="h-5 w-64" />
      </Loading>
    );
  }
  return (
    <div className="flex flex-col gap-3">
      <p role="status" className="text-base font-medium">
        {job.status === "completed" ? "Done. " : ""}
        {headlineOf(job)}
      </p>
      {job.error ? <p className="text-bad">{job.error}</p> : null}
      {job.status === "running" ? (
        <div className="flex items-center gap-3">
          <JobProgress job={job} className="flex-1" />
          <span className="text-sm text-muted tabular">{progressWords(job)}</span>
          <CancelJob job={job} size="small" />
        </div>
      ) : null}
      <Link
        to="/jobs/$id"
        params={{ id }}
        className="self-start font-medium text-accent-text hover:underline"
      >
        Open the job
      </Link>
    </div>
  );
}

interface ChangeValueProps {
  kind: LeadChange["do"];
  change: LeadChange | null;
  onChange: (change: LeadChange | null) => void;
}

/** The part of a change that is chosen: which field, stage, owner, pool, list or workflow. */
function ChangeValue({ kind, change, onChange }: ChangeValueProps) {
  const owners = useOwners().data?.items ?? [];
  const pools = usePools().data?.items ?? [];
  const stages = useStages().data?.items ?? [];
  const lists = useLists().data?.items ?? [];
  const workflows = useWorkflows().data?.items ?? [];
  const named = (items: { id: string; name: string }[]) =>
    items.map(({ id, name }) => ({ value: id, label: name }));
  const pick = (
    label: string,
    options: SelectOption[],
    value: string | undefined,
    make: (value: string) => LeadChange,
    create = false,
  ) => (
    <Field label={label}>
      {(control) => (
        <Combobox
          {...control}
          value={value}
          options={options}
          onValueChange={(next) => onChange(make(next))}
          {...(create ? { onCreate: (text: string) => onChange(make(text)) } : {})}
        />
      )}
    </Field>
  );
  switch (kind) {
    case "set_field":
      return <SetFieldInput change={change?.do === "set_field" ? change : null} onChange={onChange} />;
    case "set_stage":
      return pick(
        "Stage",
        stages.map(({ name }) => ({ value: name, label: name })),
        change?.do === kind ? change.stage : undefined,
        (stage) => ({ do: kind, stage }),
      );
    case "assign":
      return pick(
        "Owner",
        [{ value: "", label: "Nobody" }, ...named(owners)],
        change?.do === kind ? change.owner : undefined,
        (owner) => ({ do: kind, owner }),
      );
    case "route":
      return pick("Pool", named(pools), change?.do === kind ? change.pool : undefined, (pool) => ({
        do: kind,
        pool,
      }));
    case "add_to_list":
      return pick(
        "List",
        named(lists),
        change?.do === kind ? change.list : undefined,
        (list) => ({ do: kind, list }),
        true,
      );
    case "remove_from_list":
      return pick("List", named(lists), change?.do === kind ? change.list : undefined, (list) => ({
        do: kind,
        list,
      }));
    case "start_workflow":
      return pick(
        "Workflow",
        named(workflows),
        change?.do === kind ? change.workflow : undefined,
        (workflow) => ({ do: kind, workflow }),
      );
    default:
      return null;
  }
}
