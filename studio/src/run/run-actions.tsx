import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { api, hasEnded, keys, type RunView, type StepView } from "@/api";
import { sayError } from "@/app/say-error";
import { findStep } from "@/document/graph";
import { Button, Icon, IconButton, Menu, type MenuEntry, toast } from "@/ui";
import { canBeginAt } from "./begin-at";
import { earlierRunOf, eventOf } from "./event-of";
import { KeepTestDialog } from "./keep-test-dialog";
import { type AgainPreset, RunAgainDialog } from "./run-again-dialog";
import { UndoDialog } from "./undo-dialog";

type Open = { dialog: "again"; preset: AgainPreset } | { dialog: "undo" } | { dialog: "keep" } | null;

/** What one can do with a run: start it again, turn it back, keep it as a test, go to the lead. */
export function RunActions({ run, view }: { run: RunView; view: StepView | null }) {
  const [open, setOpen] = useState<Open>(null);
  const { known } = eventOf(run);
  const ended = hasEnded(run.status);
  const from = view && canBeginAt(run, view) ? view.step : null;
  const again = (preset: AgainPreset) => setOpen({ dialog: "again", preset });
  const close = () => setOpen(null);
  const moreEntries = useMoreEntries(run);
  useAgainKey(known, () => again({}));

  const entries: MenuEntry[] = [
    { label: "From the start…", icon: "refresh", kbd: "R", onSelect: () => again({}) },
    ...(from
      ? [
          {
            label: `From “${findStep(run.document, from)?.step.title ?? from}”…`,
            icon: "play" as const,
            onSelect: () => again({ from }),
          },
        ]
      : []),
    "separator",
    { label: "As a dry run…", icon: "eye", onSelect: () => again({ dry: true }) },
  ];

  return (
    <footer className="flex flex-wrap items-center gap-2 border-t border-border px-[18px] py-3">
      <EarlierRun run={run} />
      <Menu
        align="start"
        side="top"
        trigger={
          <Button icon="refresh" disabled={!known}>
            Run again
            <Icon name="chevron-down" size={14} />
          </Button>
        }
        entries={entries}
      />
      <Button icon="pin" disabled={!known || !ended} onClick={() => setOpen({ dialog: "keep" })}>
        Keep as a test
      </Button>
      <Button variant="ghost" disabled={!ended} onClick={() => setOpen({ dialog: "undo" })}>
        Undo…
      </Button>
      <span className="flex-1" />
      <Menu side="top" trigger={<IconButton icon="more" label="More for this run" />} entries={moreEntries} />
      {open?.dialog === "again" ? (
        <RunAgainDialog run={run} preset={open.preset} step={from} onClose={close} />
      ) : open?.dialog === "undo" ? (
        <UndoDialog run={run} onClose={close} />
      ) : open?.dialog === "keep" ? (
        <KeepTestDialog run={run} onClose={close} />
      ) : null}
    </footer>
  );
}

/** A run that was started again says from which one. */
function EarlierRun({ run }: { run: RunView }) {
  const earlier = earlierRunOf(run);
  if (!earlier) return null;
  return (
    <p className="w-full text-sm text-muted">
      Started again from{" "}
      <Link to="/runs/$id" params={{ id: earlier }} className="rounded-sm text-accent-text underline">
        an earlier run
      </Link>
      .
    </p>
  );
}

/** What is wanted less often. */
function useMoreEntries(run: RunView): MenuEntry[] {
  const navigate = useNavigate();
  const client = useQueryClient();
  const event = eventOf(run);
  const pinAsSample = async () => {
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
    }
  };
  return [
    {
      label: "Use the event as sample",
      icon: "braces",
      disabled: !event.known,
      onSelect: () => void pinAsSample(),
    },
    {
      label: "Open the lead",
      icon: "person",
      disabled: !run.lead_id,
      onSelect: () => run.lead_id && void navigate({ to: "/leads/$id", params: { id: run.lead_id } }),
    },
  ];
}

/** R opens “Run again”. */
function useAgainKey(enabled: boolean, onKey: () => void): void {
  useEffect(() => {
    if (!enabled) return;
    const listen = (event: KeyboardEvent) => {
      if (event.key !== "r" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.target instanceof HTMLElement && event.target.closest("input, textarea, [role=dialog]"))
        return;
      event.preventDefault();
      onKey();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [enabled, onKey]);
}
