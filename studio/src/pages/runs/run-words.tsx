import type { RunStatus } from "@/api";
import { Chip, type Tone } from "@/ui";

/** A run's status as people say it. */
export const STATUS_WORDS: Record<RunStatus, { label: string; tone: Tone }> = {
  queued: { label: "Queued", tone: "neutral" },
  running: { label: "Running", tone: "accent" },
  waiting: { label: "Waiting", tone: "warn" },
  paused: { label: "Paused", tone: "warn" },
  completed: { label: "Completed", tone: "ok" },
  failed: { label: "Failed", tone: "bad" },
  cancelled: { label: "Cancelled", tone: "neutral" },
};

export function RunStatusChip({ status }: { status: RunStatus }) {
  const words = STATUS_WORDS[status];
  return (
    <Chip tone={words.tone} dot>
      {words.label}
    </Chip>
  );
}
