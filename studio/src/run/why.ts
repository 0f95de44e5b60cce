/** The question a step's panel answers, and its one-sentence answer when the server recorded none. */
import type { RunView, StepView } from "@/api";
import { graphAt, incoming } from "@/document/graph";
import { outPorts } from "@/document/ports";
import { DEFAULT_PORT, type StepKinds } from "@/document/types";
import { ownerOf, scoreOf } from "./evidence";
import { pathOfFrame, stepIn } from "./frames";

/** "Why Ana Moreau?", "What went wrong?", or just the step's title. */
export function questionOf(run: RunView, view: StepView, kinds: StepKinds): string {
  const step = graphAt(run.document, pathOfFrame(view.frame))?.steps[view.step];
  const title = step?.title ?? view.step;
  switch (view.status) {
    case "failed":
      return "What went wrong?";
    case "uncertain":
      return "Did it happen?";
    case "waiting":
      return "What is it waiting for?";
    case "skipped":
      return "Why was it skipped?";
    case "done": {
      const owner = ownerOf(view);
      if (owner !== "") return `Why ${owner}?`;
      const score = scoreOf(view);
      if (score !== null) return score === 1 ? "Why 1 point?" : `Why ${score} points?`;
      const ports = step ? outPorts(step, kinds[step.kind]) : [];
      const taken = ports.find((port) => port.id === view.port);
      return ports.length > 1 && taken?.label ? `Why “${taken.label}”?` : title;
    }
    default:
      return title;
  }
}

/** The recorded sentence, or one made from the graph for steps the run did not reach. */
export function answerOf(run: RunView, view: StepView, kinds: StepKinds): string {
  if (view.status === "skipped") return skippedBecause(run, view, kinds) || (view.why ?? "");
  if (view.why) return view.why;
  switch (view.status) {
    case "pending":
      return "The run has not come to this step yet.";
    case "uncertain":
      return "The answer to what this step sent got lost, so a person has to find out.";
    case "running":
      return "The step is at work.";
    case "cancelled":
      return "The run was cancelled before this step was through.";
    default:
      return "";
  }
}

/** Which fork led the run elsewhere: “Hot?” left by “no”. */
function skippedBecause(run: RunView, view: StepView, kinds: StepKinds): string {
  const graph = graphAt(run.document, pathOfFrame(view.frame));
  if (!graph) return "";
  const reasons = incoming(graph, view.step).flatMap((edge) => {
    const before = graph.steps[edge.from];
    const ran = stepIn(run, edge.from, view.frame);
    if (!before || !ran) return [];
    if (ran.status === "skipped") return [`“${before.title}” before it was skipped as well`];
    if (ran.status === "failed") return [`“${before.title}” before it failed`];
    if (ran.status !== "done" || (ran.port ?? DEFAULT_PORT) === (edge.port ?? DEFAULT_PORT)) return [];
    const taken = outPorts(before, kinds[before.kind]).find((port) => port.id === ran.port);
    return [`“${before.title}” went by “${taken?.label || ran.port}”`];
  });
  return reasons.length === 0 ? "" : `The run did not come this way: ${reasons.join(", and ")}.`;
}

/** What a card says under its title in a run: the result in few words. */
export function resultInShort(view: StepView): string | null {
  if (view.status !== "done") return null;
  const owner = ownerOf(view);
  if (owner !== "") return owner;
  const score = scoreOf(view);
  if (score !== null && Array.isArray((view.output as { reasons?: unknown }).reasons))
    return `${score} points`;
  const [only, ...more] = view.written ?? [];
  if (only && more.length === 0 && typeof only.new === "string") return `${only.label}: ${only.new}`;
  return null;
}
