/**
 * What a step's decision rests on, read from what it put out. The shapes are those of the lead and logic steps; a
 * step that puts out none of them simply has no evidence to show.
 */
import type { Json, RunView, StepView } from "@/api";
import type { Step, StepKind } from "@/document/types";
import { asCondition, type Comparison, type Condition, isGroup, membersOf } from "@/forms/condition/model";
import { follow } from "@/forms/data/follow";
import { soleReference } from "@/forms/template/parse";

/** Somebody a lead could have gone to. */
export interface Candidate {
  readonly name: string;
  /** "Pool “AE EMEA” · weight 2". */
  readonly detail: string;
  readonly chosen: boolean;
  /** "chosen", "off until 27 Nov", "at cap, 40 of 40". */
  readonly verdict: string;
}

/** A rule that gave points. */
export interface Reason {
  readonly label: string;
  readonly points: number;
}

/** A comparison of a condition with the value it met. */
export interface Met {
  readonly comparison: Comparison;
  readonly actual: Json;
  /** False when the value cannot be looked up, because the field is more than a path. */
  readonly known: boolean;
}

function record(value: unknown): Record<string, unknown> {
  return value !== null && typeof value === "object" && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

function text(value: unknown): string {
  return typeof value === "string" ? value : typeof value === "number" ? String(value) : "";
}

/** The people considered, the chosen one first. */
export function candidatesOf(step: StepView): Candidate[] {
  const output = record(step.output);
  const listed = Array.isArray(output.candidates) ? output.candidates.map(record) : [];
  const owner = text(record(output.owner).name) || text(output.owner);
  return listed
    .map((entry) => {
      const name = text(entry.name) || text(entry.owner_name) || text(record(entry.owner).name);
      const chosen =
        entry.chosen === true ||
        entry.outcome === "chosen" ||
        (entry.chosen === undefined && entry.outcome === undefined && name !== "" && name === owner);
      const weight = typeof entry.weight === "number" ? `weight ${entry.weight}` : "";
      const assigned = typeof entry.assigned === "number" ? `${entry.assigned} so far` : "";
      const detail = text(entry.detail) || [weight, assigned].filter(Boolean).join(" · ");
      const verdict =
        text(entry.outcome) ||
        text(entry.verdict) ||
        text(entry.why) ||
        text(entry.reason) ||
        (chosen ? "chosen" : "not this time");
      return { name, detail, chosen, verdict: chosen ? "chosen" : verdict };
    })
    .filter((candidate) => candidate.name !== "")
    .sort((a, b) => Number(b.chosen) - Number(a.chosen));
}

/** The rules that gave or took points. */
export function reasonsOf(step: StepView): Reason[] {
  const { reasons } = record(step.output);
  if (!Array.isArray(reasons)) return [];
  return reasons.map(record).flatMap((reason) => {
    const points = reason.points;
    return typeof points === "number" ? [{ label: text(reason.label), points }] : [];
  });
}

/** The score a step gave, if it scores. */
export function scoreOf(step: StepView): number | null {
  const { score } = record(step.output);
  return typeof score === "number" ? score : null;
}

/** The owner a step chose, if it routes. */
export function ownerOf(step: StepView): string {
  const { owner } = record(step.output);
  return text(record(owner).name) || text(owner);
}

/** The comparisons of a step's condition with the values they met in this run. */
export function metOf(
  run: RunView,
  view: StepView,
  step: Step | undefined,
  kind: StepKind | undefined,
): Met[] {
  const field = Object.entries(kind?.schema.properties ?? {}).find(
    ([, schema]) => schema["x-ui"] === "condition",
  )?.[0];
  if (!step || field === undefined || view.output === undefined) return [];
  return comparisonsOf(asCondition(step.config[field])).map((comparison) => {
    const reference = soleReference(comparison.field);
    if (!reference || reference.filters.length > 0) return { comparison, actual: undefined, known: false };
    const found = valueAt(run, view.frame, reference.path);
    return { comparison, actual: found, known: found !== undefined };
  });
}

function comparisonsOf(condition: Condition): Comparison[] {
  return isGroup(condition) ? membersOf(condition).flatMap(comparisonsOf) : [condition];
}

/** Follows a path through what the run recorded; the innermost frame that holds the step is meant. */
function valueAt(run: RunView, frame: string, path: readonly (string | number)[]): Json {
  const [root, ...rest] = path;
  if (root === "trigger")
    return follow(run.steps.find((view) => view.step === run.trigger_step)?.output, rest);
  if (root === "vars") return follow(run.vars, rest);
  const [id, ...keys] = rest;
  if (root !== "steps" || id === undefined) return undefined;
  const held = run.steps
    .filter((view) => view.step === id && frame.startsWith(view.frame))
    .sort((a, b) => b.frame.length - a.frame.length)[0];
  return follow(held?.output, keys);
}
