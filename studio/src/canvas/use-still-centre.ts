/** Keeps the middle of the view in the middle when a panel opens or closes beside the canvas. */
import type { ReactFlowInstance } from "@xyflow/react";
import { type RefObject, useEffect } from "react";
import type { CardNode, StartNode, StepEdge } from "./flow-model";

export function useStillCentre(
  frame: RefObject<HTMLElement | null>,
  flow: ReactFlowInstance<CardNode | StartNode, StepEdge>,
): void {
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    let width = element.clientWidth;
    const observer = new ResizeObserver(() => {
      const next = element.clientWidth;
      if (next === width || next === 0) return;
      const { x, y, zoom } = flow.getViewport();
      void flow.setViewport({ x: x + (next - width) / 2, y, zoom });
      width = next;
    });
    observer.observe(element);
    return () => observer.disconnect();
  }, [frame, flow]);
}
