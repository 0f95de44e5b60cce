import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, keys, type RunView } from "@/api";
import { sayError } from "@/app/say-error";
import { Button, Icon, Menu, toast } from "@/ui";
import { eventOf } from "./event-of";
import { playFromStart } from "./use-run-playback";

/** What one can do with a run: start it again with the same event, keep its event as the sample, go to the lead. */
export function RunActions({ run }: { run: RunView }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const event = eventOf(run);

  const again = async (draft: boolean) => {
    setBusy(true);
    try {
      const { run_id } = await api.startRun(run.workflow_id, {
        trigger: run.trigger_step,
        payload: event.body,
        draft,
      });
      playFromStart(run_id);
      void client.invalidateQueries({ queryKey: keys.runs });
      await navigate({ to: "/runs/$id", params: { id: run_id } });
    } catch (error) {
      sayError("The run was not started again")(error);
    } finally {
      setBusy(false);
    }
  };

  const pin = async () => {
    setBusy(true);
    try {
      const workflow = await api.workflow(run.workflow_id);
      const samples = { ...workflow.draft.samples, [run.trigger_step]: event.whole };
      await api.saveDraft(run.workflow_id, {
        document: { ...workflow.draft, samples },
        base_revision: workflow.draft_revision,
      });
      await client.invalidateQueries({ queryKey: keys.workflow(run.workflow_id) });
      toast({
        tone: "ok",
        title: "Pinned as the sample event",
        description: "Previews and tests in the editor use this event now.",
      });
    } catch (error) {
      sayError("The event was not pinned")(error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <footer className="flex items-center gap-2 border-t border-border px-[18px] py-3">
      <Menu
        align="start"
        side="top"
        trigger={
          <Button icon="refresh" busy={busy} disabled={!event.known}>
            Run again
            <Icon name="chevron-down" size={14} />
          </Button>
        }
        entries={[
          { heading: "With the same event" },
          { label: "On the published version", icon: "play", onSelect: () => void again(false) },
          { label: "On the draft", icon: "pencil", onSelect: () => void again(true) },
        ]}
      />
      <Button icon="pin" disabled={busy || !event.known} onClick={() => void pin()}>
        Pin as sample
      </Button>
      <span className="flex-1" />
      {run.lead_id ? (
        <Link
          to="/leads/$id"
          params={{ id: run.lead_id }}
          className="flex items-center gap-1 rounded-sm font-medium text-accent-text hover:underline"
        >
          Open the lead
          <Icon name="arrow-right" size={14} />
        </Link>
      ) : null}
    </footer>
  );
}
