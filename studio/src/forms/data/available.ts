/**
 * The data a step can draw on: what the trigger and the earlier steps put out, with a sample of each.
 *
 * Everything the forms show about data (pill names, the insert list, the data tree) is read from these values; the
 * forms know nothing of the graph they came from.
 */
import { pathToHole } from "../template/parse";

/** The family of a step, which decides the colour of its pills. `plain` is for `vars`, `run`, `item` and `index`. */
export type DataCategory = "trigger" | "logic" | "data" | "lead" | "connect" | "code" | "plain";

/** Where a sample value came from; shown beside the step's title. */
export type SampleOrigin = "pinned" | "run" | "example" | "none";

/** One root of data, for example the output of the step `score`. */
export interface AvailableData {
  /** How expressions reach it: `["trigger"]`, `["steps", "score"]`, `["item"]`. */
  readonly path: readonly (string | number)[];
  /** The step's title as the user wrote it. */
  readonly title: string;
  readonly category: DataCategory;
  /** Icon name of the step kind, when it has one. */
  readonly icon?: string | undefined;
  /** A real or example output; `undefined` when nothing is known yet. */
  readonly sample: unknown;
  readonly origin?: SampleOrigin | undefined;
}

export type Path = readonly (string | number)[];

/** One place in the sample of a root. */
export interface DataNode {
  readonly path: Path;
  /** The last key in words: `first_name` is `First name`, index 0 is `1st`. */
  readonly label: string;
  readonly value: unknown;
  readonly children: readonly DataNode[];
}

/** A node with the root it belongs to, as listed when inserting. */
export interface DataLeaf {
  readonly node: DataNode;
  readonly root: AvailableData;
  /** Labels from below the root to the node: "Reasons · 1st · Label". */
  readonly trail: string;
}

/** Deeper values and longer lists are reachable by opening the pill and typing; the tree stays quick. */
const MAX_DEPTH = 6;
const MAX_CHILDREN = 200;

/** The children of one root's sample; an empty list when there is no sample. */
export function treeOf(root: AvailableData): readonly DataNode[] {
  return childrenOf(root.sample, root.path, 0);
}

function childrenOf(value: unknown, path: Path, depth: number): readonly DataNode[] {
  if (depth >= MAX_DEPTH || value === null || typeof value !== "object") return [];
  const entries: [string | number, unknown][] = Array.isArray(value)
    ? value.slice(0, MAX_CHILDREN).map((item, index) => [index, item])
    : Object.entries(value).slice(0, MAX_CHILDREN);
  return entries.map(([key, child]) => {
    const childPath = [...path, key];
    return {
      path: childPath,
      label: keyInWords(key),
      value: child,
      children: childrenOf(child, childPath, depth + 1),
    };
  });
}

/** Every node of every root in reading order, lists opened at their first row only. */
export function leavesOf(available: readonly AvailableData[]): DataLeaf[] {
  return available.flatMap((root) => {
    const own: DataNode = { path: root.path, label: root.title, value: root.sample, children: treeOf(root) };
    return [{ node: own, root, trail: "" }, ...below(own, root, [])];
  });
}

function below(node: DataNode, root: AvailableData, labels: readonly string[]): DataLeaf[] {
  const children = Array.isArray(node.value) ? node.children.slice(0, 1) : node.children;
  return children.flatMap((child) => {
    const trail = [...labels, child.label];
    return [{ node: child, root, trail: trail.join(" · ") }, ...below(child, root, trail)];
  });
}

/** Keeps the leaves in which every word of the query occurs, in the step's title, the labels, the key or the value. */
export function searchLeaves(leaves: readonly DataLeaf[], query: string): DataLeaf[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...leaves];
  return leaves.filter(({ node, root, trail }) => {
    const text = `${root.title} ${trail} ${node.path.join(".")} ${inShort(node.value)}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The template text that stands for a node. */
export function holeOf(node: Pick<DataNode, "path">): string {
  return pathToHole(node.path);
}

/** `first_name` and `firstName` in words: "First name". Index 2 is "3rd". */
export function keyInWords(key: string | number): string {
  if (typeof key === "number") return ordinal(key + 1);
  const words = key
    .replace(
      /([a-z0-9])([A-Z])(?![A-Z])/g,
      (_, before: string, upper: string) => `${before} ${upper.toLowerCase()}`,
    )
    .replace(/[_\s]+/g, " ")
    .trim();
  if (words === "") return key;
  const spoken = words
    .replace(/\b(id|url|ip)\b/gi, (abbreviation) => abbreviation.toUpperCase())
    .replace(/\bemail\b/gi, "e-mail");
  return spoken.charAt(0).toUpperCase() + spoken.slice(1);
}

/** 1st, 2nd, 3rd, 11th, 22nd. */
export function ordinal(n: number): string {
  const teens = n % 100 >= 11 && n % 100 <= 13;
  const suffix = teens ? "th" : (({ 1: "st", 2: "nd", 3: "rd" } as Record<number, string>)[n % 10] ?? "th");
  return `${n}${suffix}`;
}

/** What a record calls itself, so that a lead reads "Ada Lovelace" and not "16 fields". */
function nameOfRecord(value: object): string | null {
  const { name, title } = value as { name?: unknown; title?: unknown };
  const own = name ?? title;
  return typeof own === "string" && own.trim() !== "" ? own : null;
}

/** A value in a few words, for one line. Never "undefined". */
export function inShort(value: unknown, limit = 60): string {
  if (value === undefined) return "no sample";
  if (value === null) return "empty";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value)) return value.length === 1 ? "1 item" : `${value.length} items`;
  if (typeof value === "object") {
    const name = nameOfRecord(value);
    if (name !== null) return inShort(name, limit);
    const count = Object.keys(value).length;
    return count === 1 ? "1 field" : `${count} fields`;
  }
  const text = String(value).replace(/\s+/g, " ");
  if (text === "") return "empty text";
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}
