import type { TriedScore } from "@/api";

interface GaugeProps {
  readonly score: TriedScore;
  readonly thresholds: readonly { readonly at: number; readonly name: string }[];
}

/** The score as a bar with a tick per threshold, and what it is made of. */
export function Gauge({ score, thresholds }: GaugeProps) {
  const share = (value: number) =>
    `${Math.min(100, Math.max(0, (value / Math.max(1, score.maximum)) * 100))}%`;
  return (
    <div>
      <div className="flex items-baseline gap-2">
        <span className="text-3xl font-semibold tabular" data-score>
          {score.score}
        </span>
        <span className="text-muted">of {score.maximum}</span>
        {score.grade ? <span className="font-semibold">{score.grade}</span> : null}
        {score.reached ? <span className="ml-auto font-medium text-ok">{score.reached}</span> : null}
      </div>
      <div aria-hidden className="relative mt-1.5 h-1.5 rounded-full bg-sunken">
        <div
          className="h-full rounded-full bg-lead transition-[width]"
          style={{ width: share(score.score) }}
        />
        {thresholds.map(({ at, name }) => (
          <span
            key={name}
            title={`${name} from ${at}`}
            className="absolute -top-1 h-3.5 w-0.5 -translate-x-1/2 rounded-full bg-text"
            style={{ left: share(at) }}
          />
        ))}
      </div>
      <p className="mt-2 text-sm text-muted">
        {score.reasons.length === 0
          ? "No row applies."
          : score.reasons
              .map(({ label, points }) => `${label} ${points > 0 ? "+" : "−"}${Math.abs(points)}`)
              .join(" · ")}
      </p>
    </div>
  );
}
