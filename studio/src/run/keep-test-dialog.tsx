/** Keeping a run as a test: its event and its outcome, under a name. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { pinKeys, pinsApi, type RunView, type Told, tell } from "@/api";
import { Refusal } from "@/try/refusal";
import { Button, Dialog, Field, Input, toast } from "@/ui";

export function KeepTestDialog({ run, onClose }: { run: RunView; onClose: () => void }) {
  const client = useQueryClient();
  const [name, setName] = useState(run.subject);
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Told | null>(null);
  const keep = async () => {
    setBusy(true);
    setRefusal(null);
    try {
      await pinsApi.keep(run.id, name.trim() || undefined);
      void client.invalidateQueries({ queryKey: pinKeys.pins(run.workflow_id) });
      toast({
        tone: "ok",
        title: "Kept as a test",
        description: "Before each publish you are told if the draft would come to another outcome.",
      });
      onClose();
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
      title="Keep as a test"
      description="Its event and its outcome are kept, even after the run itself is gone. Before each publish the draft is tried on it."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button variant="primary" icon="pin" busy={busy} onClick={() => void keep()}>
            Keep as a test
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {refusal ? <Refusal what="It was not kept." told={refusal} /> : null}
        <Field label="Name" help="What it shows: “Large company goes to an account executive”.">
          {(control) => (
            <Input
              {...control}
              autoFocus
              value={name}
              maxLength={120}
              onFocus={(event) => event.target.select()}
              onChange={(event) => setName(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === "Enter") void keep();
              }}
            />
          )}
        </Field>
      </div>
    </Dialog>
  );
}
