/** Dropping a kind of step from the palette: on an edge it goes in between, elsewhere it stands where it fell. */
import type { ReactFlowInstance } from "@xyflow/react";
import { type DragEvent, useState } from "react";
import { edgeKey } from "@/document/graph";
import { CARD } from "@/document/placement";
import type { Graph } from "@/document/types";
import type { CanvasEdits } from "./canvas";
import type { CardNode, StartNode, StepEdge } from "./flow-model";

/** The palette's drag data carries the kind under this type. */
export const KIND_MIME = "application/x-trunkline-step-kind";

export function useKindDrop(
  edits: CanvasEdits | undefined,
  flow: ReactFlowInstance<CardNode | StartNode, StepEdge>,
  graph: Graph,
) {
  const [landing, setLanding] = useState<string | null>(null);
  const handlers = {
    onDragOver(event: DragEvent) {
      if (!edits || !event.dataTransfer.types.includes(KIND_MIME)) return;
      event.preventDefault();
      event.dataTransfer.dropEffect = "copy";
      setLanding(edgeUnder(event));
    },
    onDragLeave: () => setLanding(null),
    onDrop(event: DragEvent) {
      const kind = event.dataTransfer.getData(KIND_MIME);
      setLanding(null);
      if (!edits || kind === "") return;
      event.preventDefault();
      const pointer = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
      const at = { x: Math.round(pointer.x - CARD.width / 2), y: Math.round(pointer.y - CARD.height / 2) };
      const under = edgeUnder(event);
      edits.onDropKind(kind, at, graph.edges.find((edge) => edgeKey(edge) === under) ?? null);
    },
  };
  const marked = (edges: StepEdge[]) =>
    landing === null
      ? edges
      : edges.map((edge) => (edge.id === landing ? { ...edge, className: "canvas-edge-landing" } : edge));
  return { handlers, marked };
}

/** How far beside an edge a drop still counts as on it, in pixels. */
const NEAR = 12;

/** The edge at or right beside the pointer. */
function edgeUnder({ clientX, clientY }: DragEvent): string | null {
  const around = [
    [0, 0],
    [0, NEAR],
    [0, -NEAR],
    [NEAR, 0],
    [-NEAR, 0],
  ] as const;
  for (const [right, down] of around) {
    for (const element of document.elementsFromPoint(clientX + right, clientY + down)) {
      const edge = element.closest<SVGGElement>(".react-flow__edge");
      if (edge) return edge.dataset.id ?? null;
    }
  }
  return null;
}
