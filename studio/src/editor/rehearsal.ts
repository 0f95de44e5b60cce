/**
 * Works out what the steps before one would put out, so that previews show real values before anything has run.
 *
 * Each is tested on the samples before it, on the server and without writing. Only steps that stay inside Trunkline
 * are: nothing here may reach another system without being asked.
 */
import type { StepContext, StepTest } from "@/api";
import { availableData, contextOf, type KnownOutputs } from "@/document/available-data";
import { findStep } from "@/document/graph";
import type { FramePath, Json, Problem, Step, StepId, StepKinds, WorkflowDocument } from "@/document/types";

interface RehearsalQuestion {
  document: WorkflowDocument;
  kinds: StepKinds;
  path: FramePath;
  id: StepId;
  seen: KnownOutputs["seen"];
  problems: readonly Problem[];
}

export type TestStep = (step: StepId, document: WorkflowDocument, context: StepContext) => Promise<StepTest>;

/** Tests made so far, by step, set-up and data; asking again for the same costs nothing. */
export type RehearsalMemory = Map<string, Json>;

/** More steps than this before one are left to the first run. */
const MOST = 40;

export async function rehearse(
  question: RehearsalQuestion,
  memory: RehearsalMemory,
  test: TestStep,
): Promise<Record<StepId, Json>> {
  const { document, kinds, path, id, seen, problems } = question;
  const rehearsed: Record<StepId, Json> = {};
  const before = availableData({ document, kinds, path, id, outputs: { seen } }).reverse();
  const unknown = before.flatMap((root) => {
    const step = root.path[0] === "steps" ? String(root.path[1]) : null;
    return step !== null && (root.origin === "example" || root.origin === "none") ? [step] : [];
  });
  for (const step of unknown.slice(0, MOST)) {
    const found = findStep(document, step);
    if (!found || !mayRehearse(found.step, step, kinds, problems)) continue;
    const known = { document, kinds, path: found.path, id: step, outputs: { seen, rehearsed } };
    const context = contextOf(availableData(known));
    const key = JSON.stringify([step, found.step.kind, found.step.config, context]);
    if (!memory.has(key)) memory.set(key, outputOf(await test(step, document, context)));
    const output = memory.get(key);
    if (output !== undefined) rehearsed[step] = output;
  }
  return rehearsed;
}

function mayRehearse(step: Step, id: StepId, kinds: StepKinds, problems: readonly Problem[]): boolean {
  const kind = kinds[step.kind];
  if (!kind || step.disabled) return false;
  const inside = kind.category === "data" || kind.category === "lead";
  const safe = kind.promise === "none" || kind.promise === "once";
  return inside && safe && !problems.some((problem) => problem.step === id && problem.severity === "error");
}

function outputOf(test: StepTest): Json {
  return test.status === "done" && test.output !== null ? test.output : undefined;
}
