/** Under a watched run: how it goes, the way to its own page and the way back to building. */
import { Link } from "@tanstack/react-router";
import { hasEnded, type RunView, type StepStatus } from "@/api";
import { timeWords } from "@/canvas";
import { Button, Icon, Spinner } from "@/ui";
import { useEditor } from "./editor-context";
import type { Watching } from "./session-store";

export function RunBar({ watching }: { watching: Watching }) {
  const { actions } = useEditor();
  const { run, playing } = watching;
  const over = run !== null && hasEnded(run.status) && !playing;
  return (
    <div
      role="status"
      data-run-bar
      className="absolute inset-x-4 bottom-4 mx-auto flex w-fit max-w-full items-center gap-3 rounded-xl border border-border bg-raised py-2 pr-2 pl-3.5 shadow-float"
    >
      {over ? <Outcome run={run} /> : <Spinner size={16} />}
      <span className="min-w-0 truncate text-sm font-medium">
        {over ? outcomeWords(run) : runningWords(run)}
      </span>
      <Link
        to="/runs/$id"
        params={{ id: watching.id }}
        className="shrink-0 rounded-md px-2 py-1 text-sm font-medium text-accent-text hover:bg-accent-soft"
      >
        Open run
      </Link>
      <Button icon="pencil" kbd="Esc" onClick={actions.backToEditing}>
        Back to editing
      </Button>
    </div>
  );
}

function Outcome({ run }: { run: RunView }) {
  if (run.status === "failed") return <Icon name="error" className="text-bad" />;
  return run.status === "completed" ? <Icon name="done" className="text-ok" /> : <Icon name="cancelled" />;
}

const STANDS_AT: ReadonlySet<StepStatus> = new Set(["running", "waiting", "uncertain"]);

function runningWords(run: RunView | null): string {
  if (!run) return "Starting…";
  if (run.status === "queued") return "Waiting for a free place…";
  const step = run.steps.find(({ status }) => STANDS_AT.has(status));
  const title = step && run.document.steps[step.step]?.title;
  if (run.status === "paused") return "Paused";
  if (run.status === "waiting") return title ? `Waiting at “${title}”` : "Waiting";
  return title ? `Running “${title}”…` : "Running…";
}

function outcomeWords(run: RunView): string {
  const time = timeWords(run.duration_ms);
  if (run.status === "failed") return `Run failed: ${run.error?.message ?? "see the red step"}`;
  if (run.status === "cancelled") return `Run cancelled${time ? ` after ${time}` : ""}`;
  return `Run finished${time ? ` in ${time}` : ""}`;
}
