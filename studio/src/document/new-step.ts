/** What a freshly added step is: the descriptor's own defaults under a title nobody else has. */
import { everyStep } from "./graph";
import { freshId, freshTitle, slug, takenIds, takenTitles } from "./step-ids";
import type { Step, StepId, StepKind, WorkflowDocument } from "./types";

export function newStep(document: WorkflowDocument, kind: StepKind): { id: StepId; step: Step } {
  const title = freshTitle(kind.title, takenTitles(document));
  const step: Step = { kind: kind.kind, title, config: structuredClone(kind.default_config) };
  // A loop without a body would have nowhere to put the steps that run for each item.
  if (kind.kind === "loop") step.body = { steps: {}, edges: [] };
  if (kind.category === "trigger" && typeof step.config.path === "string")
    step.config.path = freshPath(document);
  return { id: freshId(title, takenIds(document)), step };
}

/** An address is the workflow's own: named after it, because two live workflows cannot share one. */
function freshPath(document: WorkflowDocument): string {
  const taken = new Set([...everyStep(document)].map(({ step }) => step.config.path));
  const base = slug(document.name).replaceAll("_", "-");
  let path = base;
  for (let count = 2; taken.has(path); count += 1) path = `${base}-${count}`;
  return path;
}
