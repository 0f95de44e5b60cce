import { type ReactNode, useState } from "react";
import type { RunView } from "@/api";
import { findStep } from "@/document/graph";
import type { StepId } from "@/document/types";
import { ContextMenu, type MenuEntry } from "@/ui";
import { canBeginAt } from "./begin-at";
import { eventOf } from "./event-of";
import { type AgainPreset, RunAgainDialog } from "./run-again-dialog";

interface StepMenuProps {
  readonly run: RunView;
  readonly frame: string;
  /** The canvas. */
  readonly children: ReactNode;
}

/** What one can do with the card under the pointer: run again from there. */
export function StepMenu({ run, frame, children }: StepMenuProps) {
  const [on, setOn] = useState<StepId | null>(null);
  const [again, setAgain] = useState<AgainPreset | null>(null);
  const view = on === null ? undefined : run.steps.find((step) => step.step === on && step.frame === frame);
  const from = view && canBeginAt(run, view) ? view.step : null;
  const title = from ? (findStep(run.document, from)?.step.title ?? from) : "";
  const { known } = eventOf(run);
  const entries: MenuEntry[] = [
    ...(from
      ? [
          {
            label: `Run again from “${title}”…`,
            icon: "play" as const,
            onSelect: () => setAgain({ from }),
          },
          {
            label: "Dry run from here…",
            icon: "eye" as const,
            onSelect: () => setAgain({ from, dry: true }),
          },
        ]
      : []),
    {
      label: "Run again from the start…",
      icon: "refresh",
      disabled: !known,
      onSelect: () => setAgain({}),
    },
  ];
  return (
    <>
      <ContextMenu entries={entries}>
        <div className="h-full" onContextMenuCapture={(event) => setOn(stepUnder(event.target))}>
          {children}
        </div>
      </ContextMenu>
      {again ? <RunAgainDialog run={run} preset={again} step={from} onClose={() => setAgain(null)} /> : null}
    </>
  );
}

/** The canvas marks each card with its step's id. */
function stepUnder(target: EventTarget): StepId | null {
  return target instanceof Element
    ? (target.closest(".react-flow__node")?.getAttribute("data-id") ?? null)
    : null;
}
