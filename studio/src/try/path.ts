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
  /** In how many loops it stands. */
  depth: number;
}

/** The steps of a way in the order they were come to; those of a loop's body follow their loop. */
export function stopsOf(path: readonly PathStep[], document: WorkflowDocument, kinds: StepKinds): Stop[] {
  return inOrder(path, document).map((id) => {
    const found = findStep(document, id);
    const left = path.find(({ from }) => from === id)?.port ?? DEFAULT_PORT;
    const ports = found ? outPorts(found.step, kinds[found.step.kind]) : [];
    const label = ports.find(({ id: port }) => port === left)?.label;
    return {
      step: id,
      title: found?.step.title ?? id,
      port: left === DEFAULT_PORT ? "" : label || left,
      depth: found?.path.length ?? 0,
    };
  });
}

/** A step stands after all that led to it, and as soon as it can; steps of a body stand right after their loop. */
function inOrder(path: readonly PathStep[], document: WorkflowDocument): StepId[] {
  const waiting = new Set(path.flatMap(({ from, to }) => [from, to]));
  const loopOf = (id: StepId) => findStep(document, id)?.path.at(-1);
  const order: StepId[] = [];
  const place = (id: StepId) => {
    waiting.delete(id);
    order.push(id);
    for (const inner of [...waiting])
      if (waiting.has(inner) && loopOf(inner) === id && isReady(inner)) place(inner);
    for (const { from, to } of path) if (from === id && waiting.has(to) && isReady(to)) place(to);
  };
  const isReady = (id: StepId) => {
    const loop = loopOf(id);
    return !path.some(({ from, to }) => to === id && waiting.has(from)) && !(loop && waiting.has(loop));
  };
  while (waiting.size > 0) {
    // Nothing being ready would mean a circle, which no document has; a damaged one is still shown.
    const [next] = [...waiting].filter(isReady);
    const [any] = waiting;
    place(next ?? any ?? "");
  }
  return order;
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
  for (const { from, port, to, count = 1 } of path) {
    const key = edgeKey(edgeBetween(from, port || DEFAULT_PORT, to));
    traffic[key] = { count: (traffic[key]?.count ?? 0) + count };
  }
  return { statuses, traffic };
}
