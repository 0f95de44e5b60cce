/** Whether two steps may be connected, with the reason in words when not. */
import { edgeBetween, edgeKey, wouldMakeCycle } from "./graph";
import { hasInPort, outPorts } from "./ports";
import type { Graph, StepId, StepKinds } from "./types";

/** `null` when the edge may be drawn. */
export function whyNotConnect(
  graph: Graph,
  kinds: StepKinds,
  from: StepId,
  port: string,
  to: StepId,
): string | null {
  const source = graph.steps[from];
  const target = graph.steps[to];
  if (!source || !target) return "This step is no longer here";
  if (!hasInPort(kinds[target.kind])) return "A trigger starts the workflow, so nothing can lead to it";
  if (!outPorts(source, kinds[source.kind]).some(({ id }) => id === port)) return "Nothing leaves this step";
  if (graph.edges.some((edge) => edgeKey(edge) === edgeKey(edgeBetween(from, port, to)))) {
    return "These steps are connected already";
  }
  if (wouldMakeCycle(graph, from, to)) return "A path may not lead back to itself; use a loop step instead";
  return null;
}
