/** Where an arrow key leads from a card: along connections up and down, to the neighbour left and right. */
import { incoming, outgoing } from "@/document/graph";
import { CARD, type Positions } from "@/document/placement";
import type { Graph, StepId } from "@/document/types";

export type Arrow = "ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight";

export function isArrow(key: string): key is Arrow {
  return key === "ArrowUp" || key === "ArrowDown" || key === "ArrowLeft" || key === "ArrowRight";
}

/** `null` when there is nothing that way. */
export function neighbour(graph: Graph, positions: Positions, from: StepId, arrow: Arrow): StepId | null {
  const here = positions[from];
  if (!here) return null;
  if (arrow === "ArrowUp")
    return nearest(
      positions,
      here.x,
      incoming(graph, from).map((edge) => edge.from),
    );
  if (arrow === "ArrowDown")
    return nearest(
      positions,
      here.x,
      outgoing(graph, from).map((edge) => edge.to),
    );
  const side = arrow === "ArrowLeft" ? -1 : 1;
  let best: StepId | null = null;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const id of Object.keys(graph.steps)) {
    const place = positions[id];
    if (!place || id === from || (place.x - here.x) * side <= 0) continue;
    // A card in the same row wins over one that is nearer but higher or lower.
    const distance = Math.abs(place.x - here.x) + Math.max(0, Math.abs(place.y - here.y) - CARD.height) * 4;
    if (distance < bestDistance) [best, bestDistance] = [id, distance];
  }
  return best;
}

/** The card to start from when nothing is selected yet: the one at the top left. */
export function firstStep(graph: Graph, positions: Positions): StepId | null {
  const ids = Object.keys(graph.steps).filter((id) => positions[id]);
  const rank = (id: StepId) => (positions[id]?.y ?? 0) * 10_000 + (positions[id]?.x ?? 0);
  return ids.sort((a, b) => rank(a) - rank(b))[0] ?? null;
}

function nearest(positions: Positions, x: number, ids: readonly StepId[]): StepId | null {
  const distance = (id: StepId) => Math.abs((positions[id]?.x ?? Number.POSITIVE_INFINITY) - x);
  return [...ids].sort((a, b) => distance(a) - distance(b))[0] ?? null;
}
