import type { Json, RunView } from "@/api";

/** The event that started a run. */
export interface StartingEvent {
  /** As the trigger put it out: body, headers, time. */
  readonly whole: Json;
  /** What is sent to start another run like it. */
  readonly body: Json;
  /** False when the event is not kept any more. */
  readonly known: boolean;
}

export function eventOf(run: RunView): StartingEvent {
  const whole = run.steps.find((view) => view.step === run.trigger_step)?.output;
  const wrapped = whole !== null && typeof whole === "object" && "body" in whole;
  return { whole, body: wrapped ? whole.body : whole, known: whole !== undefined && whole !== null };
}

/** Id of the run whose event this one was started with again. */
export function earlierRunOf(run: RunView): string | null {
  const { whole } = eventOf(run);
  const id = whole !== null && typeof whole === "object" && "again_of" in whole ? whole.again_of : null;
  return typeof id === "string" ? id : null;
}
