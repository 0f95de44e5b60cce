import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { keys, type RunStatus, type RunView, runControl } from "@/api";
import { sayError } from "@/app/say-error";
import { Button, toast } from "@/ui";

/** Holds a run that goes on, or lets a held one go on. */
export function PauseRun({ run, status }: { run: string; status: RunStatus }) {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const paused = status === "paused";
  const change = async () => {
    setBusy(true);
    try {
      const { status: now } = await (paused ? runControl.resume(run) : runControl.pause(run));
      client.setQueryData<RunView>(keys.run(run), (view) => view && { ...view, status: now });
      if (!paused) {
        toast({
          title: "The run is paused",
          description: "What is under way comes to its end; nothing new begins until you resume it.",
        });
      }
      await client.invalidateQueries({ queryKey: keys.runs });
    } catch (error) {
      sayError(paused ? "The run was not resumed" : "The run was not paused")(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button
      icon={paused ? "play" : "pause"}
      variant={paused ? "primary" : "default"}
      busy={busy}
      onClick={() => void change()}
    >
      {paused ? "Resume" : "Pause"}
    </Button>
  );
}
