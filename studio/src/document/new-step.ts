/** What a freshly added step is: the descriptor's own defaults under a title nobody else has. */
import { everyStep } from "./graph";
import { freshId, freshTitle, slug, takenIds, takenTitles } from "./step-ids";
import type { Step, StepId, StepKind, WorkflowDocument } from "./types";

/** `mark`: a few letters of the workflow's own, which keep its addresses apart from other workflows'. */
export function newStep(
  document: WorkflowDocument,
  kind: StepKind,
  mark: string,
): { id: StepId; step: Step } {
  const title = freshTitle(kind.title, takenTitles(document));
  const step: Step = { kind: kind.kind, title, config: structuredClone(kind.default_config) };
  // Without a body there would be nowhere to put the steps that run inside.
  if (kind.body) step.body = { steps: {}, edges: [] };
  if (kind.category === "trigger" && typeof step.config.path === "string")
    step.config.path = freshPath(document, mark);
  return { id: freshId(title, takenIds(document)), step };
}

/** Two live workflows cannot share an address, and many are called "Untitled workflow". */
function freshPath(document: WorkflowDocument, mark: string): string {
  const taken = new Set([...everyStep(document)].map(({ step }) => step.config.path));
  const base = `${slug(document.name).replaceAll("_", "-")}-${mark}`;
  let path = base;
  for (let count = 2; taken.has(path); count += 1) path = `${base}-${count}`;
  return path;
}
