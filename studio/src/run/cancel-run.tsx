import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, keys } from "@/api";
import { sayError } from "@/app/say-error";
import { Button, ConfirmDialog, toast } from "@/ui";

/** Stops a run that goes on or waits, after asking. */
export function CancelRun({ run }: { run: string }) {
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const cancel = async () => {
    try {
      await api.cancelRun(run);
      toast({ title: "The run was cancelled", description: "What it had written before stays written." });
      await client.invalidateQueries({ queryKey: keys.runs });
    } catch (error) {
      sayError("The run was not cancelled")(error);
    }
  };
  return (
    <>
      <Button variant="danger" icon="stop" onClick={() => setAsking(true)}>
        Cancel run
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title="Cancel this run?"
        description="Steps that have not started will not run. What was written already stays written."
        confirmLabel="Cancel the run"
        danger
        onConfirm={cancel}
      />
    </>
  );
}
