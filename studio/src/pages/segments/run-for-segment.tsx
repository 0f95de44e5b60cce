import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { rulesApi, useWorkflowsByHand } from "@/api";
import { sayError } from "@/app/say-error";
import { number } from "@/jobs/job-words";
import { Button, Combobox, Dialog, Field } from "@/ui";

interface Props {
  readonly segment: string;
  /** Leads in it now. */
  readonly leads: number;
}

/** Runs a workflow once for every lead that is in the segment. */
export function RunForSegment({ segment, leads }: Props) {
  const [open, setOpen] = useState(false);
  const [workflow, setWorkflow] = useState("");
  const [busy, setBusy] = useState(false);
  const workflows = useWorkflowsByHand();
  const navigate = useNavigate();
  const start = async () => {
    setBusy(true);
    try {
      const { run_id } = await rulesApi.runForSegment({ segment, workflow });
      setOpen(false);
      void navigate({ to: "/runs/$id", params: { id: run_id } });
    } catch (error) {
      sayError("It was not started")(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Button size="small" icon="play" disabled={leads === 0} onClick={() => setOpen(true)}>
        Run a workflow…
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={`Run a workflow for everybody in ${segment}`}
        description={`It starts once for each of the ${number(leads)} leads that are in it now. Progress, pause and cancel are on the page of the run.`}
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Cancel</Button>
            <Button variant="primary" busy={busy} disabled={!workflow} onClick={() => void start()}>
              Start
            </Button>
          </>
        }
      >
        <Field
          label="Workflow"
          help={
            workflows.length === 0
              ? "None is published with the trigger “Started by hand”. Publish one first."
              : "It gets the lead as its data."
          }
        >
          {(control) => (
            <Combobox
              {...control}
              value={workflow}
              onValueChange={setWorkflow}
              placeholder="Choose a workflow"
              options={workflows.map(({ id, name }) => ({ value: id, label: name }))}
            />
          )}
        </Field>
      </Dialog>
    </>
  );
}
