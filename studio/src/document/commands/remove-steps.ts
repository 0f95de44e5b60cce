import { changeOfMap, changesOfGraph, listed } from "../change";
import type { Command } from "../command";
import { edgeBetween, edgeKey, everyStep, graphAt, incoming, outgoing, portOf } from "../graph";
import type { Edge, FramePath, Graph, StepId } from "../types";

interface Args {
  path: FramePath;
  ids: readonly StepId[];
}

/** Takes steps away. Where one path led through them, it is closed again so that nothing is lost silently. */
export const removeSteps: Command<Args> = {
  name: "remove-steps",
  undoable: true,
  words: ({ ids }) => (ids.length === 1 ? "Remove step" : `Remove ${ids.length} steps`),
  run(document, { path, ids }) {
    const graph = graphAt(document, path);
    if (!graph) return [];
    const gone = new Set(ids.filter((id) => graph.steps[id]));
    const steps = Object.fromEntries(Object.entries(graph.steps).filter(([id]) => !gone.has(id)));
    const removed = Object.fromEntries(Object.entries(graph.steps).filter(([id]) => gone.has(id)));
    const inside = [...everyStep({ steps: removed, edges: [] })];
    const nothing = Object.fromEntries(inside.map(({ id }) => [id, undefined]));
    return [
      ...changesOfGraph(document, path, { steps, edges: healedEdges(graph, gone) }),
      ...listed(changeOfMap(document, "layout", nothing), changeOfMap(document, "samples", nothing)),
    ];
  },
};

function healedEdges(graph: Graph, gone: ReadonlySet<StepId>): Edge[] {
  const edges: Edge[] = [];
  const seen = new Set<string>();
  const keep = (edge: Edge) => {
    if (!seen.has(edgeKey(edge))) edges.push(edge);
    seen.add(edgeKey(edge));
  };
  for (const edge of graph.edges) {
    if (gone.has(edge.from)) continue;
    if (!gone.has(edge.to)) keep(edge);
    else if (incoming(graph, edge.to).length > 0) {
      const next = onlyWayOn(graph, edge.to, gone);
      if (next) keep(edgeBetween(edge.from, portOf(edge), next));
    }
  }
  return edges;
}

/** The one step outside that removed steps led to, if there was exactly one way. */
function onlyWayOn(graph: Graph, start: StepId, gone: ReadonlySet<StepId>): StepId | null {
  let at = start;
  while (gone.has(at)) {
    const [only, ...more] = outgoing(graph, at);
    if (!only || more.length > 0) return null;
    at = only.to;
  }
  return at;
}
