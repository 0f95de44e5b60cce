/**
 * Secrets of webhooks. The server takes what is typed out of the document when it saves, and names it from then on. Here
 * it stays as it was typed until the workflow is published or opened again, so that nothing changes under the hands.
 */
import { type Change, changeTo, keysOfStep } from "./change";
import type { Command } from "./command";
import type { WorkflowDocument } from "./types";

const PLACE = ["config", "check", "secret"];

/** Whether the server keeps the value; the value itself is then nowhere to be read. */
export function isKept(value: unknown): value is { kept: string } {
  return typeof value === "object" && value !== null && "kept" in value;
}

function secretOf(document: WorkflowDocument, id: string): unknown {
  const step = document.steps[id];
  const check = step?.kind === "webhook" ? step.config["check"] : undefined;
  return typeof check === "object" && check !== null && "secret" in check ? check.secret : undefined;
}

/** The document with nothing in the places of secrets, to compare what was typed with what was kept. */
export function withoutSecrets(document: WorkflowDocument): WorkflowDocument {
  const steps = Object.entries(document.steps).map(([id, step]) => {
    if (secretOf(document, id) === undefined) return [id, step] as const;
    const check = { ...(step.config["check"] as Record<string, unknown>), secret: null };
    return [id, { ...step, config: { ...step.config, check } }] as const;
  });
  return { ...document, steps: Object.fromEntries(steps) };
}

/** Puts what the server calls the secrets in the places of what was typed. Nobody did this, so it cannot be undone. */
export const keepSecrets: Command<{ stored: WorkflowDocument }> = {
  name: "keep-secrets",
  undoable: false,
  words: () => "Keep secrets",
  run: (document, { stored }) =>
    Object.keys(document.steps)
      .filter((id) => typeof secretOf(document, id) === "string" && isKept(secretOf(stored, id)))
      .map((id) => changeTo(document, [...keysOfStep([], id), ...PLACE], secretOf(stored, id)))
      .filter((change): change is Change => change !== null),
};
