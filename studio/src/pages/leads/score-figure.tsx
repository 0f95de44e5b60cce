/** A score with a small bar behind it; a dash when the lead was never scored. */
export function ScoreFigure({ score }: { score: number | null }) {
  if (score === null) return <span className="text-faint">–</span>;
  const share = Math.max(0, Math.min(100, score));
  return (
    <span className="inline-flex items-center gap-2">
      <span aria-hidden className="inline-block h-1 w-10 overflow-hidden rounded-full bg-sunken">
        <span className="block h-full rounded-full bg-lead" style={{ width: `${share}%` }} />
      </span>
      <span className="w-6 text-right font-medium tabular">{score}</span>
    </span>
  );
}
