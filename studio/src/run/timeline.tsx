import { clsx } from "clsx";
import { useMemo } from "react";
import type { RunView, StepView } from "@/api";
import { timeWords } from "@/canvas";
import { findStep } from "@/document/graph";
import type { StepId, StepKinds } from "@/document/types";
import { CategoryTile } from "@/ui";
import { frameInWords, levelsOf } from "./frames";
import { MOST_ROWS, RowsLeftOut } from "./rows-left-out";
import { outcomeInWords, tookInWords } from "./run-words";
import { type Bar, barsOf, ticksOf } from "./timeline-bars";

interface TimelineProps {
  readonly run: RunView;
  readonly kinds: StepKinds;
  readonly selected: StepView | null;
  readonly onSelect: (step: StepId, frame: string) => void;
}

const COLOUR: Partial<Record<StepView["status"], string>> = {
  done: "bg-accent",
  failed: "bg-bad-line",
  waiting: "bg-warn-line",
  uncertain: "bg-warn-line",
  running: "bg-accent animate-[ui-shimmer_1.4s_ease-in-out_infinite]",
  cancelled: "bg-idle",
};

/** When each step ran and how long it took. */
export function Timeline({ run, kinds, selected, onSelect }: TimelineProps) {
  const now = new Date();
  // The clock matters only while something is going on; the run is drawn anew with each of its events then.
  const { bars, span, timed } = useMemo(() => barsOf(run, Date.now()), [run]);
  const ticks = timed ? ticksOf(span) : [];
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section aria-label="Timeline" tabIndex={0} className="h-full overflow-auto p-6">
      <div className="rounded-xl border border-border bg-surface">
        <div className="flex border-b border-border text-xs text-muted">
          <div className="w-[260px] shrink-0 px-4 py-2 font-medium">Step</div>
          <div className="relative mr-24 h-8 flex-1">
            {timed ? null : (
              <span className="absolute top-2 left-0">In order; all of it took a few milliseconds</span>
            )}
            {ticks.map((tick) => (
              <span
                key={tick}
                className="absolute top-2 -translate-x-1/2 tabular first:translate-x-0"
                style={{ left: `${(tick / span) * 100}%` }}
              >
                {tick === 0 ? "0" : timeWords(tick)}
              </span>
            ))}
          </div>
        </div>
        <ol>
          {bars.slice(0, MOST_ROWS).map((bar) => (
            <TimelineRow
              key={`${bar.view.frame}/${bar.view.step}`}
              bar={bar}
              span={span}
              ticks={ticks}
              run={run}
              kinds={kinds}
              now={now}
              selected={selected?.step === bar.view.step && selected.frame === bar.view.frame}
              onSelect={onSelect}
            />
          ))}
        </ol>
        <RowsLeftOut count={bars.length - MOST_ROWS} />
      </div>
    </section>
  );
}

interface TimelineRowProps extends Pick<TimelineProps, "run" | "kinds" | "onSelect"> {
  readonly bar: Bar;
  readonly span: number;
  readonly ticks: readonly number[];
  readonly now: Date;
  readonly selected: boolean;
}

function TimelineRow({ bar, span, ticks, run, kinds, now, selected, onSelect }: TimelineRowProps) {
  const { view, from, length } = bar;
  const step = findStep(run.document, view.step)?.step;
  const kind = step ? kinds[step.kind] : undefined;
  const levels = levelsOf(view.frame);
  const round = frameInWords(run, view.frame, kinds);
  const outcome = outcomeInWords(view, now);
  return (
    <li className="border-b border-border last:border-b-0">
      <button
        type="button"
        aria-pressed={selected}
        aria-label={`${step?.title ?? view.step}, ${outcome}, ${tookInWords(view)}`}
        onClick={() => onSelect(view.step, view.frame)}
        className={clsx(
          "flex w-full items-center text-left hover:bg-hover",
          selected && "bg-accent-soft hover:bg-accent-soft",
        )}
      >
        <span
          className="flex w-[260px] shrink-0 items-center gap-2 py-1.5 pr-3"
          style={{ paddingLeft: 16 + levels.length * 18 }}
        >
          <CategoryTile size={22} category={kind?.category ?? "logic"} icon={kind?.icon ?? "dot"} />
          <span className="min-w-0">
            <span className="block truncate font-medium">{step?.title ?? view.step}</span>
            {round ? <span className="block text-2xs text-muted">{round}</span> : null}
          </span>
        </span>
        <span className="relative mr-3 min-h-9 flex-1 self-stretch">
          {ticks.map((tick) => (
            <span
              key={tick}
              aria-hidden
              className="absolute inset-y-0 w-px bg-border"
              style={{ left: `${(tick / span) * 100}%` }}
            />
          ))}
          <span
            aria-hidden
            className={clsx(
              "absolute top-1/2 h-3 min-w-[3px] -translate-y-1/2 rounded-[3px]",
              COLOUR[view.status] ?? "bg-idle",
            )}
            style={{ left: `${(from / span) * 100}%`, width: `${(length / span) * 100}%` }}
          />
        </span>
        <span
          className={clsx(
            "w-[84px] pr-4 text-right text-xs tabular",
            view.status === "failed" ? "text-bad" : "text-muted",
          )}
        >
          {view.status === "done" ? tookInWords(view) : outcome}
        </span>
      </button>
    </li>
  );
}
