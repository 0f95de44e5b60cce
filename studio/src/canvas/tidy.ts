/** Top-to-bottom layout: dagre finds ranks and order, the rows are then spaced as cards and edge words need. */
import { Graph as DagreGraph, layout } from "@dagrejs/dagre";
import { outgoing, portOf } from "@/document/graph";
import { BRANCH_GAP, CARD, GAP, type Positions } from "@/document/placement";
import { outPorts } from "@/document/ports";
import type { Graph, Point, StepId, StepKinds } from "@/document/types";

export function tidyPositions(graph: Graph, kinds: StepKinds): Positions {
  const drawing = new DagreGraph();
  drawing.setGraph({ rankdir: "TB", nodesep: GAP.x, ranksep: GAP.y });
  drawing.setDefaultEdgeLabel(() => ({}));
  for (const id of Object.keys(graph.steps)) drawing.setNode(id, { width: CARD.width, height: CARD.height });
  const constraints: { left: StepId; right: StepId }[] = [];
  for (const id of Object.keys(graph.steps)) {
    const children = childrenInPortOrder(graph, kinds, id);
    for (const child of children) drawing.setEdge(id, child);
    children.slice(1).forEach((right, index) => {
      const left = children[index];
      if (left !== undefined && hasOneParent(graph, left) && hasOneParent(graph, right)) {
        constraints.push({ left, right });
      }
    });
  }
  layout(drawing, { constraints });
  return spacedRows(graph, kinds, (id) => {
    const node = drawing.node(id) as Point;
    return { x: node.x - CARD.width / 2, y: node.y };
  });
}

/** Places for boxes that have none: all of them by a tidy layout, or single ones beside it. */
export function completedPositions(graph: Graph, kinds: StepKinds, known: Positions): Positions {
  const ids = Object.keys(graph.steps);
  const missing = ids.filter((id) => !known[id]);
  if (missing.length === 0) return known;
  const tidy = tidyPositions(graph, kinds);
  if (missing.length === ids.length) return { ...known, ...tidy };
  const placed = ids.flatMap((id) => known[id] ?? []);
  const below = Math.max(...placed.map(({ y }) => y)) + CARD.height + GAP.y;
  const left = Math.min(...placed.map(({ x }) => x));
  const added = missing.map((id, index): [StepId, Point] => [
    id,
    { x: left + index * (CARD.width + GAP.x), y: below },
  ]);
  return { ...known, ...Object.fromEntries(added) };
}

function childrenInPortOrder(graph: Graph, kinds: StepKinds, id: StepId): StepId[] {
  const step = graph.steps[id];
  if (!step) return [];
  const order = outPorts(step, kinds[step.kind]).map((port) => port.id);
  const edges = outgoing(graph, id).filter((edge) => graph.steps[edge.to]);
  edges.sort((a, b) => order.indexOf(portOf(a)) - order.indexOf(portOf(b)));
  return [...new Set(edges.map((edge) => edge.to))];
}

function hasOneParent(graph: Graph, id: StepId): boolean {
  return new Set(graph.edges.filter((edge) => edge.to === id).map((edge) => edge.from)).size === 1;
}

/** Several ways lead on, or could: the words of each, and the plus of those that lead nowhere yet, need room. */
function isFork(graph: Graph, kinds: StepKinds, id: StepId): boolean {
  const step = graph.steps[id];
  const onwards = outgoing(graph, id).length;
  return onwards > 1 || (onwards > 0 && step !== undefined && outPorts(step, kinds[step.kind]).length > 1);
}

/** Gives each row the distance to the one above that its edges need, and moves the whole to the origin. */
function spacedRows(graph: Graph, kinds: StepKinds, place: (id: StepId) => Point): Positions {
  const rows = new Map<number, StepId[]>();
  const left = Math.min(...Object.keys(graph.steps).map((id) => place(id).x));
  for (const id of Object.keys(graph.steps)) {
    const key = Math.round(place(id).y);
    rows.set(key, [...(rows.get(key) ?? []), id]);
  }
  const positions: Record<StepId, Point> = {};
  let y = 0;
  for (const key of [...rows.keys()].sort((a, b) => a - b)) {
    const row = rows.get(key) ?? [];
    for (const id of row) positions[id] = { x: Math.round(place(id).x - left), y };
    const forks = row.some((id) => isFork(graph, kinds, id));
    y += CARD.height + (forks ? BRANCH_GAP : GAP.y);
  }
  return positions;
}
