/** Questions about the shape of a document: which graph, who comes before, would this edge close a circle. */
import {
  DEFAULT_PORT,
  type Edge,
  type FramePath,
  type Graph,
  type Step,
  type StepId,
  type WorkflowDocument,
} from "./types";

/** An edge's identity inside its graph; two edges never share source, port and target. */
export function edgeKey(edge: Edge): string {
  return `${edge.from}:${portOf(edge)}>${edge.to}`;
}

export function portOf(edge: Edge): string {
  return edge.port ?? DEFAULT_PORT;
}

/** Writes the port only when it is not the default, as the document format wants it. */
export function edgeBetween(from: StepId, port: string, to: StepId): Edge {
  return port === DEFAULT_PORT ? { from, to } : { from, port, to };
}

/** The graph at a path, or `null` when a loop on the path is gone. */
export function graphAt(document: WorkflowDocument, path: FramePath): Graph | null {
  let graph: Graph = document;
  for (const loop of path) {
    const body: Graph | undefined = graph.steps[loop]?.body;
    if (!body) return null;
    graph = body;
  }
  return graph;
}

/** Every step of the document, bodies included, with the path of the graph it stands in. */
export function* everyStep(
  graph: Graph,
  path: FramePath = [],
): Generator<{ id: StepId; step: Step; path: FramePath }> {
  for (const [id, step] of Object.entries(graph.steps)) {
    yield { id, step, path };
    if (step.body) yield* everyStep(step.body, [...path, id]);
  }
}

/** Finds a step wherever it stands. */
export function findStep(document: WorkflowDocument, id: StepId): { step: Step; path: FramePath } | null {
  for (const found of everyStep(document)) if (found.id === id) return found;
  return null;
}

export function incoming(graph: Graph, id: StepId): Edge[] {
  return graph.edges.filter((edge) => edge.to === id);
}

export function outgoing(graph: Graph, id: StepId): Edge[] {
  return graph.edges.filter((edge) => edge.from === id);
}

/** All steps from which `id` can be reached inside this graph, in the order they would run. */
export function predecessors(graph: Graph, id: StepId): StepId[] {
  const found = new Set<StepId>();
  const waiting = [id];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for (const edge of incoming(graph, at)) {
      if (found.has(edge.from) || !graph.steps[edge.from]) continue;
      found.add(edge.from);
      waiting.push(edge.from);
    }
  }
  found.delete(id);
  return topologicalOrder(graph).filter((step) => found.has(step));
}

/** Every step that `id` leads to, itself excluded. */
export function descendants(graph: Graph, id: StepId): Set<StepId> {
  const found = new Set<StepId>();
  const waiting = [id];
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    for (const edge of outgoing(graph, at)) {
      if (found.has(edge.to)) continue;
      found.add(edge.to);
      waiting.push(edge.to);
    }
  }
  return found;
}

/** Whether an edge from `from` to `to` would let a step wait for itself. */
export function wouldMakeCycle(graph: Graph, from: StepId, to: StepId): boolean {
  return from === to || descendants(graph, to).has(from);
}

/** Steps ordered so that each comes after all that lead to it; ties keep the document's order. */
export function topologicalOrder(graph: Graph): StepId[] {
  const ids = Object.keys(graph.steps);
  const missing = new Map(ids.map((id) => [id, 0]));
  for (const edge of graph.edges) {
    if (missing.has(edge.from)) missing.set(edge.to, (missing.get(edge.to) ?? 0) + 1);
  }
  const ready = ids.filter((id) => missing.get(id) === 0);
  const order: StepId[] = [];
  for (let at = ready.shift(); at !== undefined; at = ready.shift()) {
    order.push(at);
    for (const edge of outgoing(graph, at)) {
      const left = (missing.get(edge.to) ?? 0) - 1;
      missing.set(edge.to, left);
      if (left === 0 && graph.steps[edge.to]) ready.push(edge.to);
    }
  }
  // A document from outside may hold a circle; its steps come last instead of vanishing.
  const placed = new Set(order);
  return [...order, ...ids.filter((id) => !placed.has(id))];
}

/** The steps of a graph that nothing leads to: triggers of a workflow, first steps of a body. */
export function entrySteps(graph: Graph): StepId[] {
  const reached = new Set(graph.edges.map((edge) => edge.to));
  return Object.keys(graph.steps).filter((id) => !reached.has(id));
}

export function countSteps(graph: Graph): number {
  let count = 0;
  for (const _ of everyStep(graph)) count += 1;
  return count;
}
