/** What cards and edges ask of the canvas around them. A context, so that their data stays plain values. */
import { createContext, useContext } from "react";
import type { Edge, StepId } from "@/document/types";

export interface CanvasActions {
  addAfter(step: StepId, port: string): void;
  addOnEdge(edge: Edge): void;
  /** The first step of an empty body. */
  addFirst(): void;
  disconnect(edge: Edge): void;
  openBody(loop: StepId): void;
}

export const CanvasActionsContext = createContext<CanvasActions | null>(null);

export function useCanvasActions(): CanvasActions {
  const actions = useContext(CanvasActionsContext);
  if (!actions) throw new Error("cards and edges are only drawn inside a canvas");
  return actions;
}
