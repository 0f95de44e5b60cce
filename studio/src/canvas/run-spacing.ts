/** Cards are taller in a run; the drawing is stretched downwards so that the edges between them stay in sight. */
import type { Positions } from "@/document/placement";
import { CARD } from "@/document/placement";
import type { Graph } from "@/document/types";
import { cardHeight } from "./geometry";

/** Least length of an edge that can be seen as one. */
const SHORTEST_EDGE = 20;
/** Boxes laid closer than this were put there on purpose; more stretch would tear the rest apart. */
const MOST = 1.5;

export function spacedForRun(graph: Graph, positions: Positions): Positions {
  const drops = graph.edges.flatMap(({ from, to }) => {
    const [above, below] = [positions[from], positions[to]];
    return above && below && below.y > above.y && Math.abs(below.x - above.x) < CARD.width
      ? [below.y - above.y]
      : [];
  });
  const factor = Math.min(MOST, (cardHeight("run") + SHORTEST_EDGE) / Math.min(...drops));
  if (drops.length === 0 || factor <= 1) return positions;
  return Object.fromEntries(
    Object.entries(positions).map(([id, { x, y }]) => [id, { x, y: Math.round(y * factor) }]),
  );
}
