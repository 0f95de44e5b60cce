/** What can start a document, and with which event. */
import type { Json, StepId, StepKinds, WorkflowDocument } from "@/document/types";

export interface Trigger {
  id: StepId;
  title: string;
  kind: string;
}

/** The triggers that are switched on, in the document's order. */
export function triggersOf(document: WorkflowDocument, kinds: StepKinds): Trigger[] {
  return Object.entries(document.steps).flatMap(([id, step]) =>
    kinds[step.kind]?.category === "trigger" && !step.disabled
      ? [{ id, title: step.title, kind: step.kind }]
      : [],
  );
}

/** What is sent is the event's body; the trigger wraps it again with headers and the time. */
export function payloadOf(document: WorkflowDocument, kinds: StepKinds, trigger: Trigger): Json {
  const sample = document.samples?.[trigger.id] ?? kinds[trigger.kind]?.output_sample ?? {};
  return typeof sample === "object" && sample !== null && "body" in sample ? sample.body : sample;
}
