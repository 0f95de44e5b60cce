/** Where boxes go: sizes of cards, free places for new ones, and room made below an insertion. */
import { descendants, outgoing } from "./graph";
import type { Edge, Graph, Point, StepId } from "./types";

/** Size of a card in canvas units. The height is that of a card without a run footer. */
export const CARD = { width: 224, height: 56 } as const;
/** Free space left between cards. The vertical one has room for a plus and, in a run, for the card's footer. */
export const GAP = { x: 32, y: 48 } as const;
/** Below a step that forks, the words of each branch need a line of their own. */
export const BRANCH_GAP = 84;

export type Positions = Readonly<Record<StepId, Point>>;

/** A place for a first step, or for one attached to nothing. */
export function freePlace(graph: Graph, positions: Positions, wanted: Point | null): Point {
  const places = Object.keys(graph.steps).flatMap((id) => positions[id] ?? []);
  const first = places[0];
  const start =
    wanted ??
    (first ? { x: first.x, y: Math.max(...places.map(({ y }) => y)) + pitch(false) } : { x: 0, y: 0 });
  return sidestep(start, places);
}

/** A place below `from`, beside the boxes that already hang there. */
export function placeBelow(graph: Graph, positions: Positions, from: StepId, forks: boolean): Point {
  const above = positions[from] ?? { x: 0, y: 0 };
  const children = outgoing(graph, from).flatMap((edge) => positions[edge.to] ?? []);
  const right = Math.max(...children.map(({ x }) => x), Number.NEGATIVE_INFINITY);
  const x = children.length > 0 ? right + CARD.width + GAP.x : above.x;
  const others = Object.keys(graph.steps).flatMap((id) => (id === from ? [] : (positions[id] ?? [])));
  return sidestep({ x, y: above.y + pitch(forks) }, others);
}

/**
 * A place for a step put on an edge, and the boxes below moved down so that it fits: only those that come after
 * it and would be in the way.
 */
export function placeOnEdge(graph: Graph, positions: Positions, edge: Edge): { at: Point; moved: Positions } {
  const from = positions[edge.from] ?? { x: 0, y: 0 };
  const to = positions[edge.to] ?? { x: from.x, y: from.y + pitch(false) };
  const forks = outgoing(graph, edge.from).length > 1;
  const at = { x: to.x, y: from.y + pitch(forks) };
  const shift = at.y + pitch(false) - to.y;
  if (shift <= 0) return { at, moved: {} };
  const after = [edge.to, ...descendants(graph, edge.to)];
  const moved = after.flatMap((id): [StepId, Point][] => {
    const place = positions[id];
    return place && place.y >= to.y ? [[id, { x: place.x, y: place.y + shift }]] : [];
  });
  return { at, moved: Object.fromEntries(moved) };
}

/** Shifts a group of pasted boxes until none covers an existing one. */
export function placeGroup(group: Positions, taken: readonly Point[], offset: Point): Positions {
  const ids = Object.keys(group);
  let { x, y } = offset;
  const collides = () =>
    ids.some((id) => {
      const place = group[id];
      return (
        place !== undefined && taken.some((other) => overlaps({ x: place.x + x, y: place.y + y }, other))
      );
    });
  while (collides()) {
    x += 24;
    y += 24;
  }
  const moved = Object.entries(group).map(([id, place]): [StepId, Point] => [
    id,
    { x: place.x + x, y: place.y + y },
  ]);
  return Object.fromEntries(moved);
}

/** Moves a place to the right until it is free. */
function sidestep(start: Point, taken: readonly Point[]): Point {
  let place = start;
  while (taken.some((other) => overlaps(place, other)))
    place = { x: place.x + CARD.width + GAP.x, y: place.y };
  return place;
}

function overlaps(left: Point, right: Point): boolean {
  return Math.abs(left.x - right.x) < CARD.width + 8 && Math.abs(left.y - right.y) < CARD.height + 8;
}

function pitch(forks: boolean): number {
  return CARD.height + (forks ? BRANCH_GAP : GAP.y);
}
