/** Above a run that stands still, or of which not everything is left: why, and what to do. */
import { clsx } from "clsx";
import { hasEnded, type RunView } from "@/api";
import { date } from "@/app/time";
import { Icon, type IconName } from "@/ui";

/** What starts the runs a big list is cut into. */
export const SLICE = "slice";

interface Notice {
  readonly icon: IconName;
  readonly words: string;
}

export function noticeOf(run: Pick<RunView, "status" | "thinned_at" | "trigger_kind">): Notice | null {
  if (run.status === "queued")
    return {
      icon: "clock",
      words:
        "It waits for its turn and begins by itself: when the run before it about the same thing is through, when there is room for one more, or when a burst of events is over.",
    };
  if (run.status === "paused")
    return {
      icon: "pause",
      words: "What was under way comes to its end; nothing new begins until somebody presses Resume.",
    };
  if (run.thinned_at)
    return {
      icon: "history",
      words: `Only its beginning and its end are kept; the rest was thinned out on ${date(run.thinned_at)}. The workflow’s settings say when.`,
    };
  if (run.trigger_kind === SLICE)
    return {
      icon: "loop",
      words: "A slice of a big loop: some of its items, worked through and kept as a run of their own.",
    };
  return null;
}

export function RunNotice({ run }: { run: RunView }) {
  const notice = noticeOf(run);
  if (!notice) return null;
  return (
    <p
      className={clsx(
        "flex shrink-0 items-start gap-2 border-b border-border px-4 py-2 text-sm",
        run.trigger_kind === SLICE && hasEnded(run.status)
          ? "bg-sunken text-muted"
          : "bg-warn-soft text-warn",
      )}
    >
      <Icon name={notice.icon} size={16} className="mt-px" />
      {notice.words}
    </p>
  );
}
