/** Decides where a new step goes: which port it hangs on, which edge it splits, and the place of its card. */

import { addStep, insertStep } from "@/document/commands";
import { edgeBetween, graphAt, outgoing, portOf } from "@/document/graph";
import { newStep } from "@/document/new-step";
import { freePlace, type Positions, placeBelow, placeOnEdge } from "@/document/placement";
import { hasInPort, mainPort, outPorts } from "@/document/ports";
import type {
  Edge,
  FramePath,
  Graph,
  Point,
  StepId,
  StepKind,
  StepKinds,
  WorkflowDocument,
} from "@/document/types";
import type { DocumentState } from "./document-store";
import type { PaletteTarget } from "./session-store";

interface Placing {
  /** See `newStep`. */
  mark: string;
  edit: DocumentState["edit"];
  document: WorkflowDocument;
  kinds: StepKinds;
  path: FramePath;
  positions: Positions;
  kind: StepKind;
}

/** Adds a step where the palette was opened for. Returns its id. */
export function placeStep(placing: Placing, target: PaletteTarget): StepId | null {
  const graph = graphAt(placing.document, placing.path);
  if (!graph) return null;
  if (!hasInPort(placing.kind)) return placeTrigger(placing, graph);
  if (target.where === "edge") return insertOn(placing, graph, target.edge);
  if (target.where === "after") return attach(placing, graph, target);
  return standFree(placing, graph, null);
}

/** Adds a step where it was dropped: into an edge, or free at that point. */
export function dropStep(placing: Placing, at: Point, edge: Edge | null): StepId | null {
  const graph = graphAt(placing.document, placing.path);
  if (!graph) return null;
  if (edge && hasInPort(placing.kind)) return insertOn(placing, graph, edge);
  return standFree(placing, graph, at);
}

/** Where "Add step" leads when nothing more was said: after the selection, or at the one loose end. */
export function likelyTarget(graph: Graph, kinds: StepKinds, selection: readonly StepId[]): PaletteTarget {
  const chosen = selection.length === 1 ? selection[0] : undefined;
  if (chosen !== undefined && graph.steps[chosen]) return targetAfter(graph, kinds, chosen);
  const ends = Object.keys(graph.steps).filter((id) => openPort(graph, kinds, id) !== null);
  const [only, ...more] = ends;
  return only !== undefined && more.length === 0 ? targetAfter(graph, kinds, only) : { where: "free" };
}

function targetAfter(graph: Graph, kinds: StepKinds, id: StepId): PaletteTarget {
  const open = openPort(graph, kinds, id);
  if (open !== null) return { where: "after", step: id, port: open };
  const [edge] = outgoing(graph, id);
  return edge ? { where: "edge", edge } : { where: "free" };
}

function openPort(graph: Graph, kinds: StepKinds, id: StepId): string | null {
  const step = graph.steps[id];
  if (!step) return null;
  const used = new Set(outgoing(graph, id).map(portOf));
  return outPorts(step, kinds[step.kind]).find((port) => !used.has(port.id))?.id ?? null;
}

function attach(
  { edit, document, kinds, path, positions, kind, mark }: Placing,
  graph: Graph,
  target: Extract<PaletteTarget, { where: "after" }>,
): StepId | null {
  const above = graph.steps[target.step];
  if (!above) return null;
  const { id, step } = newStep(document, kind, mark);
  const forks = outPorts(above, kinds[above.kind]).length > 1;
  const at = target.at
    ? freePlace(graph, positions, { x: target.at.x - 112, y: target.at.y })
    : placeBelow(graph, positions, target.step, forks);
  const from = { step: target.step, port: target.port };
  return edit(addStep, { path, id, step, at, from }) ? id : null;
}

function insertOn(
  { edit, document, path, positions, kind, mark }: Placing,
  graph: Graph,
  edge: Edge,
): StepId | null {
  const { id, step } = newStep(document, kind, mark);
  const { at, moved } = placeOnEdge(graph, positions, edge);
  const out = mainPort(step, kind);
  const there = edgeBetween(edge.from, portOf(edge), edge.to);
  return edit(insertStep, { path, id, step, edge: there, out, at, moved }) ? id : null;
}

function standFree(
  { edit, document, path, positions, kind, mark }: Placing,
  graph: Graph,
  wanted: Point | null,
) {
  const { id, step } = newStep(document, kind, mark);
  return edit(addStep, { path, id, step, at: freePlace(graph, positions, wanted) }) ? id : null;
}

/** A further trigger stands beside the first ones, on top. */
function placeTrigger(placing: Placing, graph: Graph): StepId | null {
  const triggers = Object.entries(graph.steps).filter(([, step]) => !hasInPort(placing.kinds[step.kind]));
  const places = triggers.flatMap(([id]) => placing.positions[id] ?? []);
  const all = Object.keys(graph.steps).flatMap((id) => placing.positions[id] ?? []);
  const [first] = places;
  if (first) return standFree(placing, graph, first);
  const top = all[0] ? { x: all[0].x, y: Math.min(...all.map(({ y }) => y)) - 104 } : null;
  return standFree(placing, graph, top);
}
