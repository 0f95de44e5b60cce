/**
 * Steps on the clipboard: plain JSON text, so that a part of a workflow can be mailed, kept in a wiki and pasted
 * into another workspace. Only edges between the copied steps travel.
 */
import { everyStep, graphAt } from "./graph";
import { renameReferences } from "./references";
import { freshId, freshTitle, takenIds, takenTitles } from "./step-ids";
import type { FramePath, Graph, Json, Point, Step, StepId, WorkflowDocument } from "./types";

export interface Clipping extends Graph {
  trunkline: "steps";
  format: 1;
  layout: Record<StepId, Point>;
  samples: Record<StepId, Json>;
}

export function copySteps(
  document: WorkflowDocument,
  path: FramePath,
  ids: readonly StepId[],
): Clipping | null {
  const graph = graphAt(document, path);
  if (!graph) return null;
  const steps = pick(graph.steps, ids);
  const inside = [...everyStep({ steps, edges: [] })].map(({ id }) => id);
  if (inside.length === 0) return null;
  return {
    trunkline: "steps",
    format: 1,
    steps,
    edges: graph.edges.filter((edge) => steps[edge.from] && steps[edge.to]),
    layout: pick(document.layout ?? {}, inside),
    samples: pick(document.samples ?? {}, inside),
  };
}

export function writeClipping(clipping: Clipping): string {
  return JSON.stringify(clipping, null, 2);
}

/**
 * Reads pasted text: a clipping, or a whole workflow document. `null` when it is neither, so that ordinary text
 * on the clipboard does nothing.
 */
export function readClipping(text: string): Clipping | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(value) || value.format !== 1 || !isGraph(value)) return null;
  if (value.trunkline !== "steps" && typeof value.name !== "string") return null;
  return {
    trunkline: "steps",
    format: 1,
    steps: value.steps,
    edges: value.edges,
    layout: isRecord(value.layout) ? (value.layout as Record<StepId, Point>) : {},
    samples: isRecord(value.samples) ? value.samples : {},
  };
}

/**
 * Why text that was meant to hold steps could not be pasted, with the code under which the server would refuse it;
 * `null` for text that does not even begin like JSON.
 */
export function whyNotPasted(text: string): { reason: string; action: string; code: string } | null {
  if (!text.trimStart().startsWith("{")) return null;
  try {
    JSON.parse(text);
  } catch (error) {
    const where = error instanceof Error ? error.message : "unreadable";
    const action = "Copy all of it, from the first to the last curly bracket.";
    return { reason: `This is not JSON: ${where}.`, action, code: "API-0002" };
  }
  return {
    reason: "This is JSON, but neither a workflow nor copied steps.",
    action: "It has to begin with “format”: 1 and hold “steps” and “edges”.",
    code: "API-0005",
  };
}

/** Reads a whole workflow document from text; `null` when it is something else. */
export function readDocument(text: string): WorkflowDocument | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(value) || value.format !== 1 || typeof value.name !== "string" || !isGraph(value))
    return null;
  return value as unknown as WorkflowDocument;
}

/** Gives pasted steps ids and titles of their own; their references to one another follow. */
export function adaptClipping(clipping: Clipping, into: WorkflowDocument): Clipping {
  const ids = takenIds(into);
  const titles = takenTitles(into);
  const names = new Map<StepId, StepId>();
  const retitled = new Map<StepId, string>();
  for (const { id, step } of everyStep(clipping)) {
    const title = freshTitle(step.title, titles);
    const name = ids.has(id) ? freshId(title, ids) : id;
    titles.add(title);
    ids.add(name);
    names.set(id, name);
    retitled.set(id, title);
  }
  const graph = renameGraph(clipping, names, retitled);
  return {
    ...clipping,
    ...graph,
    layout: renameKeys(clipping.layout, names),
    samples: renameKeys(clipping.samples, names),
  };
}

function renameGraph(graph: Graph, names: Map<StepId, StepId>, titles: Map<StepId, string>): Graph {
  const name = (id: StepId) => names.get(id) ?? id;
  const steps = Object.entries(graph.steps).map(([id, step]): [StepId, Step] => {
    const config = renameReferences(step.config, names) as Record<string, Json>;
    const body = step.body && { body: renameGraph(step.body, names, titles) };
    return [name(id), { ...step, title: titles.get(id) ?? step.title, config, ...body }];
  });
  return {
    steps: Object.fromEntries(steps),
    edges: graph.edges.map((edge) => ({ ...edge, from: name(edge.from), to: name(edge.to) })),
  };
}

function renameKeys<T>(record: Record<StepId, T>, names: Map<StepId, StepId>): Record<StepId, T> {
  return Object.fromEntries(Object.entries(record).map(([id, value]) => [names.get(id) ?? id, value]));
}

function pick<T>(record: Record<StepId, T>, ids: readonly StepId[]): Record<StepId, T> {
  return Object.fromEntries(Object.entries(record).filter(([id]) => ids.includes(id)));
}

function isGraph(value: Record<string, unknown>): value is Record<string, unknown> & Graph {
  return (
    isRecord(value.steps) &&
    Array.isArray(value.edges) &&
    value.edges.every(
      (edge) => isRecord(edge) && typeof edge.from === "string" && typeof edge.to === "string",
    ) &&
    Object.values(value.steps).every(isStep)
  );
}

function isStep(value: unknown): value is Step {
  if (!isRecord(value) || typeof value.kind !== "string" || typeof value.title !== "string") return false;
  if (!isRecord(value.config)) return false;
  return value.body === undefined || (isRecord(value.body) && isGraph(value.body));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
