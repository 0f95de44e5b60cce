/** A step as a card: what it is, how it is set up and, in a run, how it went. */
import { Handle, type NodeProps, Position } from "@xyflow/react";
import { clsx } from "clsx";
import { memo } from "react";
import { CategoryTile, Icon } from "@/ui";
import { useCanvasActions } from "./canvas-actions";
import type { CardData, CardNode } from "./flow-model";
import { portX } from "./geometry";
import { PortStub } from "./port-stub";
import type { RunStatus } from "./run-overlay";

export const StepCard = memo(function StepCard({ id, data, selected }: NodeProps<CardNode>) {
  const status = data.status?.status ?? null;
  return (
    <>
      <div
        className={clsx(
          "canvas-card flex h-full flex-col rounded-xl border bg-raised shadow-card transition-[border-color,box-shadow] duration-150",
          borderOf(data, selected),
          selected && "canvas-card-selected",
          status === "running" && "canvas-card-running",
        )}
      >
        <div
          className={clsx(
            "flex min-h-0 flex-1 items-center gap-2.5 px-3",
            (data.disabled || isFaded(status)) && "opacity-45 saturate-50",
          )}
        >
          <CategoryTile category={data.category} icon={data.icon} />
          <div className="min-w-0 flex-1">
            <div className="truncate text-[13px] leading-[1.25] font-semibold" title={data.title}>
              {data.title}
            </div>
            {data.bodySteps === null || data.mode === "run" ? (
              <div className="mt-px truncate text-xs leading-[1.3] text-muted" title={data.summary}>
                {data.summary}
              </div>
            ) : (
              <BodyLink id={id} steps={data.bodySteps} />
            )}
          </div>
          <Marks data={data} />
        </div>
        {data.status ? <Footer id={id} data={data} /> : null}
      </div>
      {data.hasIn ? <Handle id="in" type="target" position={Position.Top} className="canvas-port" /> : null}
      {data.ports.map((port, index) => (
        <Handle
          key={port.id}
          id={port.id}
          type="source"
          position={Position.Bottom}
          title={port.label || undefined}
          className="canvas-port"
          style={{ left: portX(index, data.ports.length) }}
        />
      ))}
      {data.mode === "edit"
        ? data.ports.map((port, index) =>
            port.open ? (
              <PortStub
                key={port.id}
                step={id}
                title={data.title}
                port={port}
                index={index}
                count={data.ports.length}
              />
            ) : null,
          )
        : null}
    </>
  );
});

function borderOf(data: CardData, selected: boolean): string {
  if (selected) return "border-accent";
  if (data.status?.status === "failed") return "border-bad-line";
  if (data.status?.status === "waiting" || data.status?.status === "uncertain") return "border-warn-line";
  return data.disabled ? "border-dashed border-border-strong" : "border-border";
}

function isFaded(status: RunStatus | null): boolean {
  return status === "skipped" || status === "cancelled";
}

function Marks({ data }: { data: CardData }) {
  const { problem, pinned, note, promise } = data;
  return (
    <span className="flex shrink-0 items-center gap-1">
      {note ? (
        <span title={note} className="text-faint">
          <Icon name="note" size={14} label="Has a note" />
        </span>
      ) : null}
      {promise ? (
        <span title={promise.words} className={promise.level === "uncertain" ? "text-warn" : "text-ok"}>
          <Icon name="shield" size={14} label={promise.words} />
        </span>
      ) : null}
      {pinned ? (
        <span title="A sample is pinned" className="text-lead-text">
          <Icon name="pin" size={14} label="A sample is pinned" />
        </span>
      ) : null}
      {problem ? (
        <span
          title={problem.words}
          className={clsx(
            "grid size-[18px] place-items-center rounded-full",
            problem.severity === "error" ? "bg-bad-soft text-bad" : "bg-warn-soft text-warn",
          )}
        >
          <Icon
            name="warning"
            size={12}
            label={problem.severity === "error" ? "Has errors" : "Has warnings"}
          />
        </span>
      ) : null}
    </span>
  );
}

function BodyLink({ id, steps }: { id: string; steps: number }) {
  const { openBody } = useCanvasActions();
  return (
    <button
      type="button"
      tabIndex={-1}
      onClick={(event) => {
        event.stopPropagation();
        openBody(id);
      }}
      className="nodrag mt-px block text-xs leading-[1.3] text-accent-text hover:underline"
    >
      Open body · {steps} {steps === 1 ? "step" : "steps"}
    </button>
  );
}

const DOTS: Record<RunStatus, string> = {
  pending: "bg-idle opacity-50",
  running: "bg-accent",
  waiting: "bg-warn-line",
  uncertain: "bg-warn-line",
  done: "bg-ok-line",
  failed: "bg-bad-line",
  skipped: "bg-idle",
  cancelled: "bg-idle",
};

function Footer({ id, data }: { id: string; data: CardData }) {
  if (!data.status) return null;
  const { status, words, time } = data.status;
  const retried = status === "done" && /retr/.test(words);
  return (
    <div className="flex h-7 shrink-0 items-center gap-2 border-t border-border px-3 text-2xs text-muted">
      <span
        aria-hidden
        className={clsx("size-[7px] rounded-full", retried ? "bg-warn-line" : DOTS[status])}
      />
      <span
        className={clsx(
          status === "failed" && "font-medium text-bad",
          status === "uncertain" && "font-medium text-warn",
        )}
      >
        {words}
      </span>
      <span className="ml-auto tabular">
        {data.bodySteps !== null ? <BodyLink id={id} steps={data.bodySteps} /> : null}
      </span>
      {time ? <span className="tabular">{time}</span> : null}
    </div>
  );
}
