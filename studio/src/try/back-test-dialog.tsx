/** Trying the draft on what really happened: how far back, how many runs that is, and off it goes. */
import { useState } from "react";
import { jobsApi, useRunCount } from "@/api";
import { many, number, runsCounted } from "@/jobs/job-words";
import { Button, Dialog, Icon } from "@/ui";
import { Refusal } from "./refusal";
import { momentsOf, usualSpan } from "./span";
import { SpanPicker } from "./span-picker";
import { type SaveFirst, useStart } from "./use-start";

/** As many runs as one trial takes; of more, the newest. */
export const MOST_RUNS = 1000;

interface BackTestDialogProps {
  /** Id of the workflow. */
  workflow: string;
  saveFirst: SaveFirst;
  onClose: () => void;
}

export function BackTestDialog({ workflow, saveFirst, onClose }: BackTestDialogProps) {
  const [now] = useState(() => new Date());
  const [span, setSpan] = useState(() => usualSpan(now));
  const moments = momentsOf(span, now);
  const count = useRunCount(moments && { workflow, ...moments });
  const { start, busy, refusal } = useStart(saveFirst);
  const empty = count.data === 0 && !count.isPlaceholderData;
  const taken = Math.min(count.data ?? MOST_RUNS, MOST_RUNS);
  const go = () =>
    moments && start(() => jobsApi.backTest(workflow, { ...moments, most: MOST_RUNS, version: "draft" }));

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Try the draft on the past"
      description="Events that really came in go through the draft. Answers of other systems are taken from the history; nothing is written and nothing is sent."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            autoFocus
            variant="primary"
            icon="history"
            busy={busy}
            disabled={!moments || empty}
            onClick={() => void go()}
          >
            {count.data === undefined || empty ? "Try it" : `Try it on ${many(taken, "run")}`}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {refusal ? <Refusal what="It did not start." told={refusal} /> : null}
        <SpanPicker span={span} onSpan={setSpan} />
        <p role="status" className="flex min-h-5 items-start gap-2 text-sm text-muted">
          {moments ? <CountWords count={count.data} failed={count.isError} /> : null}
        </p>
      </div>
    </Dialog>
  );
}

function CountWords({ count, failed }: { count: number | undefined; failed: boolean }) {
  if (failed) return "How many runs that is could not be counted. It can be tried all the same.";
  if (count === undefined) return "Counting the runs…";
  if (count === 0) {
    return (
      <>
        <Icon name="info" size={15} className="mt-px" />
        Nothing ran in this span. Choose a longer one, or make a dry run with an event of your own.
      </>
    );
  }
  if (count > MOST_RUNS)
    return `${capitalised(runsCounted(count))} are in it; the newest ${number(MOST_RUNS)} are taken.`;
  return `${many(count, "run")} ${count === 1 ? "is" : "are"} in it.`;
}

const capitalised = (words: string) => words.charAt(0).toUpperCase() + words.slice(1);
