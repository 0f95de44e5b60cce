/** The way a run took, as steps in order, and two ways beside one another. */
import type { PathStep, StepView } from "@/api";
import type { EdgeTraffic, StepStatus } from "@/canvas";
import { edgeBetween, edgeKey, everyStep, findStep } from "@/document/graph";
import { outPorts } from "@/document/ports";
import { DEFAULT_PORT, type StepId, type StepKinds, type WorkflowDocument } from "@/document/types";

export interface Stop {
  step: StepId;
  title: string;
  /** The way it was left by, where there was a choice: "yes". */
  port: string;
}

/** The steps of a way in the order they were come to. */
export function stopsOf(path: readonly PathStep[], document: WorkflowDocument, kinds: StepKinds): Stop[] {
  const order: StepId[] = [];
  for (const { from, to } of path) for (const id of [from, to]) if (!order.includes(id)) order.push(id);
  return order.map((id) => {
    const step = findStep(document, id)?.step;
    const left = path.find(({ from }) => from === id)?.port ?? DEFAULT_PORT;
    const ports = step ? outPorts(step, kinds[step.kind]) : [];
    const label = ports.find(({ id: port }) => port === left)?.label;
    return { step: id, title: step?.title ?? id, port: left === DEFAULT_PORT ? "" : label || left };
  });
}

export interface StopPair {
  old: Stop | null;
  new: Stop | null;
  /** Reached by one way only, or left by another port. */
  differs: boolean;
}

/** Both ways, each line holding what they have in common or one of each. */
export function pairStops(old: readonly Stop[], now: readonly Stop[]): StopPair[] {
  const pairs: StopPair[] = [];
  let [left, right] = [0, 0];
  while (left < old.length || right < now.length) {
    const [a, b] = [old[left], now[right]];
    if (a && b && a.step === b.step) {
      pairs.push({ old: a, new: b, differs: a.port !== b.port });
      left++;
      right++;
      continue;
    }
    // Where they part, what comes again in the other way is kept for the line where they meet.
    const alone = a && !now.slice(right).some(({ step }) => step === a.step) ? a : null;
    const novel = b && !old.slice(left).some(({ step }) => step === b.step) ? b : null;
    if (alone || novel) {
      pairs.push({ old: alone, new: novel, differs: true });
      if (alone) left++;
      if (novel) right++;
      continue;
    }
    // The same steps in another order: told one after the other.
    if (a) {
      pairs.push({ old: a, new: null, differs: true });
      left++;
    } else if (b) {
      pairs.push({ old: null, new: b, differs: true });
      right++;
    }
  }
  return pairs;
}

/** What the canvas needs to draw a way: steps that were come to, and the edges taken. */
export function overlayOfPath(path: readonly PathStep[], document: WorkflowDocument) {
  const reached = new Set(path.flatMap(({ from, to }) => [from, to]));
  const statuses: Record<StepId, StepStatus> = {};
  for (const { id } of everyStep(document)) {
    const status: StepView["status"] = reached.has(id) ? "done" : "skipped";
    statuses[id] = reached.has(id) ? { status, words: "Taken" } : { status, summary: "not reached" };
  }
  const traffic: Record<string, EdgeTraffic> = {};
  for (const { from, port, to } of path) {
    const key = edgeKey(edgeBetween(from, port || DEFAULT_PORT, to));
    traffic[key] = { count: (traffic[key]?.count ?? 0) + 1 };
  }
  return { statuses, traffic };
}
