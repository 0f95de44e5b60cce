import { changesOfGraph } from "../change";
import type { Command } from "../command";
import { edgeBetween, edgeKey, graphAt, wouldMakeCycle } from "../graph";
import type { FramePath, StepId } from "../types";

interface Args {
  path: FramePath;
  from: StepId;
  port: string;
  to: StepId;
}

/** Draws an edge. An edge that exists, leads nowhere or would close a circle is refused. */
export const connectSteps: Command<Args> = {
  name: "connect-steps",
  undoable: true,
  words: () => "Connect steps",
  run(document, { path, from, port, to }) {
    const graph = graphAt(document, path);
    if (!graph?.steps[from] || !graph.steps[to] || wouldMakeCycle(graph, from, to)) return [];
    const edge = edgeBetween(from, port, to);
    if (graph.edges.some((other) => edgeKey(other) === edgeKey(edge))) return [];
    return changesOfGraph(document, path, { ...graph, edges: [...graph.edges, edge] });
  },
};
