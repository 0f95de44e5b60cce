/** The top of a body: every item, or every round, enters here. */
import { Handle, type NodeProps, Position } from "@xyflow/react";
import { memo } from "react";
import { Icon } from "@/ui";
import { useCanvasActions } from "./canvas-actions";
import type { StartNode } from "./flow-model";

export const StartChip = memo(function StartChip({ data }: NodeProps<StartNode>) {
  const { addFirst } = useCanvasActions();
  return (
    <div className="relative flex h-full items-center justify-center gap-1.5 rounded-full border border-border-strong bg-surface text-xs font-medium text-muted">
      <Icon name={data.icon} size={14} />
      {data.words}
      <Handle
        id="out"
        type="source"
        position={Position.Bottom}
        className="canvas-port"
        isConnectable={false}
      />
      {data.open ? (
        <div className="canvas-stub absolute top-full left-1/2 flex flex-col items-center pt-1.5">
          <span aria-hidden className="h-2.5 w-[2px] bg-border-strong" />
          <button
            type="button"
            tabIndex={-1}
            aria-label="Add the first step of the body"
            title="Add the first step"
            onClick={addFirst}
            className="canvas-plus nodrag nopan"
          >
            <Icon name="plus" size={12} />
          </button>
        </div>
      ) : null}
    </div>
  );
});
