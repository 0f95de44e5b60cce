/**
 * What a step can draw on: the trigger's event, the outputs of the steps before it and, inside a loop body, the item.
 *
 * Samples are looked for in this order: pinned by the user, from the last run seen, the descriptor's own example.
 */
import type { AvailableData, SampleOrigin } from "@/forms/data/available";
import { soleReference } from "@/forms/template/parse";
import { BODY_WORDS, bodyRuleOf } from "./body-words";
import { graphAt, predecessors } from "./graph";
import type { FramePath, Graph, Json, Step, StepId, StepKinds, WorkflowDocument } from "./types";

/** Outputs by step; a trigger's is its event. */
type RunOutputs = Readonly<Record<StepId, Json>>;

/** What steps are known to put out besides pinned samples. */
export interface KnownOutputs {
  /** From the last run or test seen. */
  seen: RunOutputs;
  /** Worked out from the samples before them, without a run. */
  rehearsed?: RunOutputs;
}

const NOTHING_KNOWN: KnownOutputs = { seen: {} };

interface Question {
  document: WorkflowDocument;
  kinds: StepKinds;
  path: FramePath;
  id: StepId;
  outputs?: KnownOutputs | undefined;
}

/** Roots of data for one step, nearest first, so that the step just before stands on top of every list. */
export function availableData({
  document,
  kinds,
  path,
  id,
  outputs = NOTHING_KNOWN,
}: Question): AvailableData[] {
  const roots: AvailableData[] = [];
  let graph: Graph | null = graphAt(document, path);
  let at = id;
  for (let depth = path.length; graph; depth -= 1) {
    const before = predecessors(graph, at).reverse();
    for (const earlier of before) {
      const step = graph.steps[earlier];
      if (step && !isTrigger(step, kinds)) roots.push(rootOfStep(document, kinds, outputs, earlier, step));
    }
    if (depth === 0) {
      const trigger = triggerOf(graph, before, kinds, document, outputs);
      if (trigger) roots.push(trigger);
      break;
    }
    const loop = path[depth - 1];
    const outer: Graph | null = graphAt(document, path.slice(0, depth - 1));
    if (loop === undefined || !outer) break;
    roots.push(...rootsOfItem(outer.steps[loop], kinds, document, path.slice(0, depth - 1), loop, outputs));
    graph = outer;
    at = loop;
  }
  return withoutDoubles(roots);
}

/** What settings of the workflow itself can draw on: the trigger's event alone, because no step has run yet. */
export function triggerData(
  document: WorkflowDocument,
  kinds: StepKinds,
  outputs: KnownOutputs = NOTHING_KNOWN,
): AvailableData[] {
  const trigger = triggerOf(document, Object.keys(document.steps), kinds, document, outputs);
  return trigger ? [trigger] : [];
}

/** Names of all steps without samples: enough to put conditions and expressions into words. */
export function namesOfSteps(graph: Graph, kinds: StepKinds): AvailableData[] {
  return Object.entries(graph.steps).map(([id, step]) => ({
    path: isTrigger(step, kinds) ? ["trigger"] : ["steps", id],
    title: step.title,
    category: kinds[step.kind]?.category ?? "plain",
    icon: kinds[step.kind]?.icon,
    sample: undefined,
  }));
}

/** The data known so far in the form that tests and previews are asked with. */
export interface DataContext {
  trigger?: Json;
  steps?: Record<StepId, Json>;
  item?: Json;
  index?: number;
}

export function contextOf(available: readonly AvailableData[]): DataContext {
  const context: DataContext = {};
  for (const { path, sample } of available) {
    if (sample === undefined) continue;
    if (path[0] === "steps" && typeof path[1] === "string") {
      context.steps = { ...context.steps, [path[1]]: sample };
    } else if (path[0] === "trigger") context.trigger = sample;
    else if (path[0] === "item") context.item = sample;
    else if (path[0] === "index" && typeof sample === "number") context.index = sample;
  }
  return context;
}

/** The sample of one step's output and where it came from. */
export function sampleOf(
  document: WorkflowDocument,
  kinds: StepKinds,
  outputs: KnownOutputs,
  id: StepId,
  step: Step,
): { sample: Json; origin: SampleOrigin } {
  const pinned = document.samples?.[id];
  if (pinned !== undefined) return { sample: pinned, origin: "pinned" };
  if (outputs.seen[id] !== undefined) return { sample: outputs.seen[id], origin: "run" };
  const example = outputs.rehearsed?.[id] ?? kinds[step.kind]?.output_sample;
  return example === undefined || example === null
    ? { sample: undefined, origin: "none" }
    : { sample: example, origin: "example" };
}

function isTrigger(step: Step, kinds: StepKinds): boolean {
  return kinds[step.kind]?.category === "trigger";
}

function rootOfStep(
  document: WorkflowDocument,
  kinds: StepKinds,
  outputs: KnownOutputs,
  id: StepId,
  step: Step,
): AvailableData {
  const kind = kinds[step.kind];
  return {
    path: ["steps", id],
    title: step.title,
    category: kind?.category ?? "plain",
    icon: kind?.icon,
    ...sampleOf(document, kinds, outputs, id, step),
  };
}

/** With several triggers, the one whose event is best known stands for all: pinned, then run, then example. */
function triggerOf(
  graph: Graph,
  before: readonly StepId[],
  kinds: StepKinds,
  document: WorkflowDocument,
  outputs: KnownOutputs,
): AvailableData | null {
  const standing: Record<string, number> = { pinned: 0, run: 1, example: 2, none: 3 };
  const found = before.flatMap((id) => {
    const step = graph.steps[id];
    if (!step || !isTrigger(step, kinds)) return [];
    return [{ ...rootOfStep(document, kinds, outputs, id, step), path: ["trigger"] }];
  });
  found.sort((a, b) => (standing[a.origin ?? "none"] ?? 3) - (standing[b.origin ?? "none"] ?? 3));
  return found[0] ?? null;
}

function rootsOfItem(
  loop: Step | undefined,
  kinds: StepKinds,
  document: WorkflowDocument,
  path: FramePath,
  id: StepId,
  outputs: KnownOutputs,
): AvailableData[] {
  if (!loop) return [];
  const rule = bodyRuleOf(loop, kinds);
  const words = BODY_WORDS[rule];
  if (words.item === null || words.index === null) return [];
  const outer = availableData({ document, kinds, path, id, outputs });
  const sample = rule === "per_item" ? firstItem(loop, contextOf(outer)) : undefined;
  const plain = { category: "plain" as const, icon: "loop" };
  return [
    {
      path: ["item"],
      title: words.item,
      ...plain,
      sample,
      origin: sample === undefined ? "none" : "example",
    },
    { path: ["index"], title: words.index, ...plain, sample: 0, origin: "example" },
  ];
}

/** The first entry of the list a loop goes over, when its set-up names one that is known. */
function firstItem(loop: Step, context: DataContext): Json {
  for (const value of Object.values(loop.config)) {
    const reference = typeof value === "string" ? soleReference(value) : null;
    if (!reference) continue;
    const list = reference.path.reduce<Json>(
      (data, key) =>
        typeof data === "object" && data !== null ? (data as Record<string | number, Json>)[key] : undefined,
      context,
    );
    if (Array.isArray(list)) return list[0];
  }
  return undefined;
}

/** Nested loops each bring an `item`; the innermost hides the others, as it does in a run. */
function withoutDoubles(roots: readonly AvailableData[]): AvailableData[] {
  const seen = new Set<string>();
  return roots.filter(({ path }) => {
    const key = path.join(".");
    return !seen.has(key) && seen.add(key);
  });
}
