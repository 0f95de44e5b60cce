import { changeOfMap, changesOfGraph, listed } from "../change";
import type { Command } from "../command";
import { edgeBetween, edgeKey, graphAt, portOf } from "../graph";
import type { Positions } from "../placement";
import type { Edge, FramePath, Point, Step, StepId } from "../types";

interface Args {
  path: FramePath;
  id: StepId;
  step: Step;
  edge: Edge;
  /** The new step's own port that leads on; `null` for a step that ends the path. */
  out: string | null;
  at: Point;
  /** Boxes moved to make room. */
  moved: Positions;
}

/** Puts a new step in the middle of an edge. */
export const insertStep: Command<Args> = {
  name: "insert-step",
  undoable: true,
  words: ({ step }) => `Insert “${step.title}”`,
  run(document, { path, id, step, edge, out, at, moved }) {
    const graph = graphAt(document, path);
    const index = graph?.edges.findIndex((other) => edgeKey(other) === edgeKey(edge)) ?? -1;
    if (!graph || index < 0 || graph.steps[id]) return [];
    const onwards = out === null ? [] : [edgeBetween(id, out, edge.to)];
    const edges = graph.edges.toSpliced(index, 1, edgeBetween(edge.from, portOf(edge), id), ...onwards);
    return [
      ...changesOfGraph(document, path, { steps: { ...graph.steps, [id]: step }, edges }),
      ...listed(changeOfMap(document, "layout", { ...moved, [id]: at })),
    ];
  },
};
