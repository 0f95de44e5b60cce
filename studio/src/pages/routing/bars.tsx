export interface Bar {
  key: string;
  label: string;
  value: number;
  /** By what is in force; nothing when there is nothing to compare with. */
  before: number | null;
  remark: string;
}

/** Bars with their figures; the figures carry the meaning, so a screen reader reads a table. */
export function Bars({ title, rows }: { title: string; rows: Bar[] }) {
  const most = Math.max(1, ...rows.flatMap((row) => [row.value, row.before ?? 0]));
  const compared = rows.some((row) => row.before !== null);
  return (
    <table className="w-full text-sm">
      <caption className="visually-hidden">{title}</caption>
      <thead className="visually-hidden">
        <tr>
          <th scope="col">What</th>
          <th scope="col">By the draft</th>
          {compared ? <th scope="col">In force now</th> : null}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.key}>
            <th scope="row" className="w-[150px] py-1 pr-3 text-left font-normal">
              {row.label}
            </th>
            <td className="py-1">
              <span className="flex items-center gap-2">
                <PairOfBars value={row.value} before={row.before} most={most} />
                <b className="min-w-8 text-right font-medium tabular">{row.value.toLocaleString("en")}</b>
                {row.remark ? <span className="whitespace-nowrap text-muted">{row.remark}</span> : null}
              </span>
            </td>
            {compared ? (
              <td className="w-[90px] py-1 text-right text-muted tabular">
                now {(row.before ?? 0).toLocaleString("en")}
              </td>
            ) : null}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A bar and, thin under it, what is in force; `most` fills the width. */
export function PairOfBars({ value, before, most }: { value: number; before: number | null; most: number }) {
  return (
    <svg aria-hidden viewBox="0 0 100 12" preserveAspectRatio="none" className="h-3.5 min-w-16 flex-1">
      <rect width={(100 * value) / most} height={before === null ? 12 : 7} className="fill-lead" />
      {before === null ? null : (
        <rect y={8} width={(100 * before) / most} height={4} className="fill-control" />
      )}
    </svg>
  );
}
