/** How far the loops of a run are that goes on: a bar each, with what failed, how fast, and how long it will take. */
import { useEffect, useState } from "react";
import type { LoopProgress, RunView } from "@/api";
import { leftInWords, rateInWords, rateOf, type Seen, withSight } from "./rate";

export function LoopProgressBars({ run }: { run: RunView }) {
  const bars = (run.progress ?? []).filter(({ total }) => total === null || total > 1);
  if (bars.length === 0) return null;
  return (
    <section
      aria-label="Progress of the loops"
      className="flex shrink-0 flex-col gap-2.5 border-b border-border bg-surface px-4 py-3"
    >
      {bars.map((progress) => (
        <LoopBar key={progress.step} progress={progress} paused={run.status === "paused"} />
      ))}
    </section>
  );
}

function LoopBar({ progress, paused }: { progress: LoopProgress; paused: boolean }) {
  const { step_title: title, done, failed, total } = progress;
  const rate = useRate(done, paused);
  const share = total === null || total === 0 ? null : Math.min(1, done / total);
  const of = total === null ? "" : ` of ${total.toLocaleString("en")}`;
  const left = rate !== null && total !== null ? leftInWords(total - done, rate) : "";
  return (
    <div>
      <p className="mb-1 flex flex-wrap items-baseline gap-x-3 text-sm">
        <span className="font-semibold">{title}</span>
        <span className="text-muted tabular">
          {done.toLocaleString("en")}
          {of} through
        </span>
        {failed > 0 ? (
          <span className="font-medium text-bad tabular">{failed.toLocaleString("en")} failed</span>
        ) : null}
        <span className="ml-auto text-muted tabular">
          {paused ? "Paused" : [rate === null ? "" : rateInWords(rate), left].filter(Boolean).join(" · ")}
        </span>
      </p>
      <div
        role="progressbar"
        aria-label={title}
        aria-valuemin={0}
        {...(total === null ? {} : { "aria-valuemax": total, "aria-valuenow": done })}
        aria-valuetext={`${done.toLocaleString("en")}${of}, ${failed.toLocaleString("en")} failed`}
        className="flex h-2 overflow-hidden rounded-full bg-sunken"
      >
        {share === null ? (
          <span
            className={
              paused
                ? "h-full w-1/5 rounded-full bg-warn-line"
                : "h-full w-2/5 animate-[ui-indeterminate_1.2s_ease-in-out_infinite] rounded-full bg-accent"
            }
          />
        ) : (
          <>
            <span
              className={
                paused
                  ? "h-full bg-warn-line"
                  : "h-full bg-accent transition-[width] duration-500 ease-linear"
              }
              style={{ width: `${(share * Math.max(0, done - failed) * 100) / Math.max(1, done)}%` }}
            />
            <span
              className="h-full bg-bad-line"
              style={{ width: `${(share * failed * 100) / Math.max(1, done)}%` }}
            />
          </>
        )}
      </div>
    </div>
  );
}

/** Items a second over the last moments; starts afresh after a pause. */
function useRate(done: number, paused: boolean): number | null {
  const [seen, setSeen] = useState<readonly Seen[]>([]);
  useEffect(() => {
    setSeen((before) => (paused ? [] : withSight(before, { at: Date.now(), done })));
  }, [done, paused]);
  return rateOf(seen);
}
