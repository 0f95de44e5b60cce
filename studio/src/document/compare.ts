/**
 * What changed between two documents, in plain sentences. Positions and samples are left out: they change nothing
 * about what the workflow does.
 */
import { sameJson } from "./change";
import { edgeKey, everyStep } from "./graph";
import type { Edge, Graph, Json, Step, StepId, StepKinds, WorkflowDocument, WorkflowSettings } from "./types";

export function changesBetween(
  before: WorkflowDocument,
  after: WorkflowDocument,
  kinds: StepKinds,
): string[] {
  const old = stepsOf(before);
  const now = stepsOf(after);
  const sentences: string[] = [];
  if (before.name !== after.name) sentences.push(`Renamed the workflow to “${after.name}”`);
  if (!sameJson(before.vars ?? {}, after.vars ?? {})) sentences.push("Changed the variables");
  sentences.push(...changesOfSettings(before.settings ?? {}, after.settings ?? {}));
  for (const [id, step] of now) if (!old.has(id)) sentences.push(`Added “${step.title}”`);
  for (const [id, step] of old) if (!now.has(id)) sentences.push(`Removed “${step.title}”`);
  for (const [id, step] of now) {
    const earlier = old.get(id);
    if (earlier) sentences.push(...changesOfStep(earlier, step, kinds));
  }
  return [...sentences, ...changesOfEdges(edgesOf(before), edgesOf(after), old, now)];
}

const SETTINGS: Readonly<Record<keyof WorkflowSettings, string>> = {
  order_by: "which runs go one after the other",
  most_at_once: "how many run at once",
  priority: "the priority",
  debounce: "what a burst of events becomes",
  dedupe: "which events are ignored as repeats",
  timeout_minutes: "the longest time of a run",
  error_workflow: "what is started when a run fails",
  keep_days: "how many days runs are kept",
  thin_after_days: "after how many days completed runs are thinned",
};

function changesOfSettings(before: WorkflowSettings, after: WorkflowSettings): string[] {
  const names = Object.keys(SETTINGS) as (keyof WorkflowSettings)[];
  return names
    .filter((name) => !sameJson(before[name] ?? null, after[name] ?? null))
    .map((name) => `Changed ${SETTINGS[name]}${values(before[name], after[name])}`);
}

function changesOfStep(before: Step, after: Step, kinds: StepKinds): string[] {
  const name = `“${after.title}”`;
  const sentences: string[] = [];
  if (before.title !== after.title) sentences.push(`Renamed “${before.title}” to ${name}`);
  if ((before.disabled ?? false) !== (after.disabled ?? false)) {
    sentences.push(`Switched ${name} ${after.disabled ? "off" : "on"}`);
  }
  const properties = kinds[after.kind]?.schema.properties ?? {};
  for (const key of new Set([...Object.keys(before.config), ...Object.keys(after.config)])) {
    const [old, now] = [before.config[key], after.config[key]];
    if (sameJson(old, now)) continue;
    const field = (properties[key]?.title ?? key.replaceAll("_", " ")).toLowerCase();
    sentences.push(`Changed ${field} of ${name}${values(old, now)}`);
  }
  const options = ["retry", "timeout_seconds", "on_error", "join", "note"] as const;
  if (options.some((option) => !sameJson(before[option] ?? null, after[option] ?? null))) {
    sentences.push(`Changed the options of ${name}`);
  }
  return sentences;
}

/** ": 65 to 60" for values short enough to read; nothing for records, lists and expressions. */
function values(before: Json, after: Json): string {
  const words = [before, after].map((value) => {
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    return typeof value === "string" && value !== "" && value.length <= 24 && !value.includes("{{")
      ? `“${value}”`
      : null;
  });
  return words[0] && words[1] ? `: ${words[0]} to ${words[1]}` : "";
}

function changesOfEdges(
  before: readonly Edge[],
  after: readonly Edge[],
  old: ReadonlyMap<StepId, Step>,
  now: ReadonlyMap<StepId, Step>,
): string[] {
  const were = new Set(before.map(edgeKey));
  const are = new Set(after.map(edgeKey));
  // An edge of an added or removed step says nothing beyond "Added".
  const stays = (edge: Edge) => [edge.from, edge.to].every((id) => old.has(id) && now.has(id));
  const words = (edge: Edge) => `“${now.get(edge.from)?.title}” to “${now.get(edge.to)?.title}”`;
  return [
    ...after
      .filter((edge) => !were.has(edgeKey(edge)) && stays(edge))
      .map((edge) => `Connected ${words(edge)}`),
    ...before
      .filter((edge) => !are.has(edgeKey(edge)) && stays(edge))
      .map((edge) => `Disconnected ${words(edge)}`),
  ];
}

function stepsOf(graph: Graph): Map<StepId, Step> {
  return new Map([...everyStep(graph)].map(({ id, step }) => [id, step]));
}

function edgesOf(graph: Graph): Edge[] {
  return [
    ...graph.edges,
    ...Object.values(graph.steps).flatMap((step) => (step.body ? edgesOf(step.body) : [])),
  ];
}
