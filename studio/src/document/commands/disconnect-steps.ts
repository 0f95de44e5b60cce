import { changesOfGraph } from "../change";
import type { Command } from "../command";
import { edgeKey, graphAt } from "../graph";
import type { Edge, FramePath } from "../types";

interface Args {
  path: FramePath;
  edges: readonly Edge[];
}

export const disconnectSteps: Command<Args> = {
  name: "disconnect-steps",
  undoable: true,
  words: ({ edges }) => (edges.length === 1 ? "Remove connection" : `Remove ${edges.length} connections`),
  run(document, { path, edges }) {
    const graph = graphAt(document, path);
    if (!graph) return [];
    const gone = new Set(edges.map(edgeKey));
    return changesOfGraph(document, path, {
      ...graph,
      edges: graph.edges.filter((edge) => !gone.has(edgeKey(edge))),
    });
  },
};
