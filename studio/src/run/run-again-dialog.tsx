/** Running one run again: from where, on which version, and whether it really writes. */
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import {
  jobKeys,
  jobsApi,
  keys,
  type RunVersion,
  type RunView,
  type StepId,
  type Told,
  tell,
  useWorkflow,
} from "@/api";
import { findStep } from "@/document/graph";
import { Refusal } from "@/try/refusal";
import { Button, Dialog, Segmented, Switch } from "@/ui";
import { playFromStart } from "./use-run-playback";
import { VersionChoice, versionsOf } from "./version-choice";

export interface AgainPreset {
  /** Absent: from the start. */
  from?: StepId;
  dry?: boolean;
}

interface RunAgainDialogProps {
  run: RunView;
  preset: AgainPreset;
  /** The step beside which the dialog was opened, which it may begin from; null for none. */
  step: StepId | null;
  onClose: () => void;
}

export function RunAgainDialog({ run, preset, step, onClose }: RunAgainDialogProps) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const workflow = useWorkflow(run.workflow_id).data;
  const [from, setFrom] = useState(preset.from ?? "");
  const [version, setVersion] = useState<RunVersion>(run.draft ? "draft" : "same");
  const [dry, setDry] = useState(preset.dry ?? false);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Told | null>(null);
  const start = preset.from ?? step;
  const title = start ? (findStep(run.document, start)?.step.title ?? start) : "";

  const again = async () => {
    setBusy(true);
    setRefusal(null);
    try {
      const { run_id, job } = await jobsApi.runAgain(run.id, { ...(from ? { from } : {}), version, dry });
      if (job) {
        client.setQueryData(jobKeys.job(job.id), job);
        return await navigate({ to: "/jobs/$id", params: { id: job.id }, search: {} });
      }
      if (run_id === undefined) throw new Error("the server did not say which run it started");
      playFromStart(run_id);
      void client.invalidateQueries({ queryKey: keys.runs });
      await navigate({ to: "/runs/$id", params: { id: run_id } });
    } catch (error) {
      setRefusal(tell(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Run again"
      description={`With the event that started it. The run of ${run.subject || "this event"} stays as it is; a new one is started.`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            autoFocus
            variant="primary"
            icon={dry ? "eye" : "refresh"}
            busy={busy}
            onClick={() => void again()}
          >
            {dry ? "Show what it would do" : "Run again"}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {refusal ? <Refusal what="It was not started." told={refusal} /> : null}
        {start ? (
          <div className="flex flex-col gap-1.5">
            <Segmented
              label="From where"
              className="self-start"
              value={from === "" ? "start" : "step"}
              onValueChange={(where) => setFrom(where === "step" ? start : "")}
              options={[
                { value: "start", label: "From the start" },
                { value: "step", label: `From “${title}”` },
              ]}
            />
            <p className="text-sm text-muted">
              {from === start
                ? "Steps before it keep what they put out then; they are not run again."
                : "Every step is run again."}
            </p>
          </div>
        ) : null}
        <VersionChoice value={version} onChoose={setVersion} versions={versionsOf(run, workflow)} />
        <div className="flex flex-col gap-1">
          <Switch checked={dry} onCheckedChange={setDry} label="As a dry run" />
          <p className="text-sm text-muted">
            {dry
              ? "Nothing is written: you see what it would do. Other systems are only read."
              : "Its steps really write: leads are changed and other systems are called."}
          </p>
        </div>
      </div>
    </Dialog>
  );
}
