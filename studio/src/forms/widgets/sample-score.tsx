import { useStepTest } from "../preview/use-step-test";
import { signed } from "./points";
import { recordOf, textOf } from "./widget";

/** "With the sample lead 85 of 100": the sum, a bar, and the rules that gave points. */
export function SampleScore({ most }: { most: number }) {
  const { test, asking } = useStepTest();
  if (!test) {
    return (
      <section
        aria-label="With the sample lead"
        className="rounded-lg bg-sunken px-3.5 py-3 text-sm text-muted"
      >
        {asking
          ? "Working out the sample’s score…"
          : "The sample’s score cannot be shown: the server did not answer."}
      </section>
    );
  }
  if (test.status === "failed") {
    return (
      <section
        aria-label="With the sample lead"
        className="rounded-lg bg-bad-soft px-3.5 py-3 text-sm text-bad"
      >
        The sample cannot be scored: {test.error?.message ?? "the step failed"} {test.error?.action ?? ""}
      </section>
    );
  }
  const output = recordOf(test.output);
  const score = typeof output.score === "number" ? output.score : 0;
  const max = typeof output.max === "number" ? output.max : Math.max(most, 1);
  const reasons = Array.isArray(output.reasons) ? output.reasons.map(recordOf) : [];
  return (
    <section
      aria-label="With the sample lead"
      aria-live="polite"
      aria-busy={asking}
      className="rounded-lg bg-sunken px-3.5 py-3"
    >
      <div className="flex items-baseline gap-2">
        <span className="flex-1 text-xs font-semibold text-muted">With the sample lead</span>
        <b className="text-[20px] leading-6 font-bold tracking-tight tabular">{textOf(score)}</b>
        <span className="text-muted">of {textOf(max)}</span>
      </div>
      <div className="mt-2 mb-2 h-1.5 overflow-hidden rounded-full bg-border" aria-hidden>
        <div
          className="h-full rounded-full bg-lead transition-[width]"
          style={{ width: `${Math.round(Math.min(1, Math.max(0, score / max)) * 100)}%` }}
        />
      </div>
      <p className="text-xs text-muted">
        {reasons.length === 0
          ? "No rule holds for the sample."
          : reasons
              .map((reason) => `${textOf(reason.label)} ${signed(Number(reason.points) || 0)}`)
              .join(" · ")}
      </p>
    </section>
  );
}
