/** What a freshly added step is: the descriptor's own defaults under a title nobody else has. */
import { freshId, freshTitle, takenIds, takenTitles } from "./step-ids";
import type { Step, StepId, StepKind, WorkflowDocument } from "./types";

export function newStep(document: WorkflowDocument, kind: StepKind): { id: StepId; step: Step } {
  const title = freshTitle(kind.title, takenTitles(document));
  const step: Step = { kind: kind.kind, title, config: structuredClone(kind.default_config) };
  // A loop without a body would have nowhere to put the steps that run for each item.
  if (kind.kind === "loop") step.body = { steps: {}, edges: [] };
  return { id: freshId(title, takenIds(document)), step };
}
