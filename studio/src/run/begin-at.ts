import { hasEnded, type RunView, type StepView } from "@/api";

/** A run can begin anew at a step of the outermost graph that was come to; its trigger is the start itself. */
export function canBeginAt(run: RunView, view: StepView): boolean {
  const reached = view.status === "done" || view.status === "failed" || view.status === "cancelled";
  return view.frame === "" && reached && view.step !== run.trigger_step && hasEnded(run.status);
}
