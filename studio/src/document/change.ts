/**
 * The smallest unit of editing: one value at one place, before and after. Every command is a list of these, so
 * every command can be undone without knowing how: swap the sides and go backwards.
 */
import type { FramePath, Graph, WorkflowDocument } from "./types";

export interface Change {
  /** Keys from the document's root to the value. */
  at: readonly string[];
  /** `undefined` means that there is nothing at that place. */
  before: unknown;
  after: unknown;
}

/** The change that puts `after` at a place; `null` when it is there already. */
export function changeTo(document: WorkflowDocument, at: readonly string[], after: unknown): Change | null {
  const before = valueAt(document, at);
  return sameJson(before, after) ? null : { at, before, after };
}

export function applyChanges(document: WorkflowDocument, changes: readonly Change[]): WorkflowDocument {
  return changes.reduce((now, change) => put(now, change.at, change.after) as WorkflowDocument, document);
}

export function invert(changes: readonly Change[]): Change[] {
  return changes.map(({ at, before, after }) => ({ at, before: after, after: before })).reverse();
}

/** One change that has the effect of two made one after the other at the same place. */
export function merge(first: readonly Change[], second: readonly Change[]): Change[] {
  const merged = new Map<string, Change>();
  for (const change of [...first, ...second]) {
    const key = change.at.join("\u0000");
    const earlier = merged.get(key);
    merged.set(key, earlier ? { ...change, before: earlier.before } : change);
  }
  return [...merged.values()];
}

/** Where a graph's own keys (`steps`, `edges`) are found from the root. */
function keysOfGraph(path: FramePath): string[] {
  return path.flatMap((loop) => ["steps", loop, "body"]);
}

export function keysOfStep(path: FramePath, id: string): string[] {
  return [...keysOfGraph(path), "steps", id];
}

/** Both values read the same as JSON. Order of keys counts, which is enough to notice "nothing happened". */
export function sameJson(left: unknown, right: unknown): boolean {
  return left === right || JSON.stringify(left) === JSON.stringify(right);
}

/** Changes that turn the steps and edges of one graph into others. */
export function changesOfGraph(document: WorkflowDocument, path: FramePath, next: Graph): Change[] {
  const keys = keysOfGraph(path);
  const now = (valueAt(document, keys) ?? document) as Graph;
  const ids = new Set([...Object.keys(now.steps), ...Object.keys(next.steps)]);
  const steps = [...ids].map((id) => changeTo(document, [...keys, "steps", id], next.steps[id]));
  return listed(...steps, changeTo(document, [...keys, "edges"], next.edges));
}

/**
 * The change that sets entries of a map beside the graph; `undefined` takes an entry away. The whole map is one value,
 * because a map that was not there before must be gone again after an undo.
 */
export function changeOfMap(
  document: WorkflowDocument,
  map: "layout" | "samples",
  entries: Readonly<Record<string, unknown>>,
): Change | null {
  const next: Record<string, unknown> = { ...document[map], ...entries };
  for (const [key, value] of Object.entries(entries)) if (value === undefined) delete next[key];
  const gone = document[map] === undefined && Object.keys(next).length === 0;
  return changeTo(document, [map], gone ? undefined : next);
}

/** Drops the changes that change nothing. */
export function listed(...changes: (Change | null)[]): Change[] {
  return changes.filter((change) => change !== null);
}

function valueAt(root: unknown, at: readonly string[]): unknown {
  let value = root;
  for (const key of at) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string, unknown>)[key];
  }
  return value;
}

function put(node: unknown, at: readonly string[], value: unknown): unknown {
  const [key, ...rest] = at;
  if (key === undefined) return value;
  const record: Record<string, unknown> = typeof node === "object" && node !== null ? { ...node } : {};
  const next = put(record[key], rest, value);
  if (next === undefined) delete record[key];
  else record[key] = next;
  return record;
}
