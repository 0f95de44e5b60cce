/** The top of a loop's body: every item enters here. */
import { Handle, type NodeProps, Position } from "@xyflow/react";
import { memo } from "react";
import { Icon } from "@/ui";
import type { StartNode } from "./flow-model";

export const StartChip = memo(function StartChip(_: NodeProps<StartNode>) {
  return (
    <div className="flex h-full items-center justify-center gap-1.5 rounded-full border border-border-strong bg-surface text-xs font-medium text-muted">
      <Icon name="loop" size={14} />
      for each item
      <Handle
        id="out"
        type="source"
        position={Position.Bottom}
        className="canvas-port"
        isConnectable={false}
      />
    </div>
  );
});
