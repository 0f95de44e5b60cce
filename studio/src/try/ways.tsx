/** The way a run took and the way it would take: step by step, or drawn. */
import { clsx } from "clsx";
import { lazy, Suspense } from "react";
import { type PathStep, whenServed } from "@/api";
import type { StepKinds, WorkflowDocument } from "@/document/types";
import { Icon, Loading, Segmented, Skeleton } from "@/ui";
import { pairStops, type Stop, stopsOf } from "./path";

const PathDrawing = lazy(() => whenServed(() => import("./path-drawing")));

/** One side: what it is called, the way, and the document it went through. */
export interface Way {
  label: string;
  path: readonly PathStep[];
  document: WorkflowDocument;
}

export type WaysView = "steps" | "drawing";

interface WaysProps {
  kinds: StepKinds;
  view: WaysView;
  onView: (view: WaysView) => void;
  /** Missing when there is only what would happen. */
  old?: Way;
  new: Way;
}

export function Ways({ kinds, view, onView, old, new: now }: WaysProps) {
  const sides = old ? [old, now] : [now];
  return (
    <section aria-label="The way it went" className="flex flex-col gap-2.5">
      <header className="flex items-center justify-between gap-2">
        <h3 className="text-xs font-semibold text-muted">
          {old ? "The way each went" : "The way it would go"}
        </h3>
        <Segmented
          size="small"
          label="How to show the way"
          value={view}
          onValueChange={onView}
          options={[
            { value: "steps", label: "Steps" },
            { value: "drawing", label: "Drawing" },
          ]}
        />
      </header>
      {view === "drawing" ? (
        <div className={clsx("grid gap-3", old && "grid-cols-2")}>
          {sides.map((side) => (
            <figure key={side.label} className="flex flex-col gap-1">
              <figcaption className="text-xs text-muted">{side.label}</figcaption>
              <Suspense
                fallback={
                  <Loading label="Loading the drawing">
                    <Skeleton className="h-[520px] rounded-lg" />
                  </Loading>
                }
              >
                <PathDrawing {...side} kinds={kinds} />
              </Suspense>
            </figure>
          ))}
        </div>
      ) : (
        <Steps kinds={kinds} old={old} now={now} />
      )}
    </section>
  );
}

function Steps({ kinds, old, now }: { kinds: StepKinds; old: Way | undefined; now: Way }) {
  const after = stopsOf(now.path, now.document, kinds);
  const pairs = old
    ? pairStops(stopsOf(old.path, old.document, kinds), after)
    : after.map((stop) => ({ old: null, new: stop, differs: false }));
  if (pairs.length === 0) return <p className="text-sm text-muted">It went no further than its trigger.</p>;
  return (
    <table className="w-full table-fixed border-collapse text-sm">
      <thead className={old ? undefined : "visually-hidden"}>
        <tr className="text-left text-xs text-muted">
          {old ? <th className="pb-1 font-medium">{old.label}</th> : null}
          <th className="pb-1 font-medium">{now.label}</th>
        </tr>
      </thead>
      <tbody>
        {pairs.map((pair) => (
          <tr key={`${pair.old?.step ?? ""}/${pair.new?.step ?? ""}`} className="border-t border-border">
            {old ? <StopCell stop={pair.old} differs={pair.differs} /> : null}
            <StopCell stop={pair.new} differs={pair.differs} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function StopCell({ stop, differs }: { stop: Stop | null; differs: boolean }) {
  if (!stop) return <td className="bg-sunken/50 px-2.5 py-1.5 text-faint">not reached</td>;
  return (
    <td className={clsx("px-2.5 py-1.5", differs && "bg-accent-soft")}>
      <span
        className={clsx("inline-block", differs && "font-semibold")}
        style={{ paddingLeft: stop.depth * 14 }}
      >
        {stop.title}
      </span>
      {stop.port ? (
        <span className="text-muted">
          {" "}
          <Icon name="arrow-right" size={12} className="inline align-[-1px]" label="left by" /> {stop.port}
        </span>
      ) : null}
    </td>
  );
}
