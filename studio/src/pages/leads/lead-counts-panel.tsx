import { clsx } from "clsx";
import { type LeadCounts, type LeadFilter, useStages } from "@/api";
import { Card } from "@/ui";

interface LeadCountsPanelProps {
  counts: LeadCounts;
  filter: LeadFilter;
  onFilter: (filter: LeadFilter) => void;
}

/** Where the leads stand: by stage, owner and list. Each line filters the table beside it. */
export function LeadCountsPanel({ counts, filter, onFilter }: LeadCountsPanelProps) {
  const ranks = new Map(useStages().data?.items.map((stage) => [stage.name, stage.rank]));
  const stages = [...counts.by_stage].sort((a, b) => (ranks.get(a.stage) ?? 0) - (ranks.get(b.stage) ?? 0));
  const toggle = (key: "stage" | "owner" | "list", value: string) =>
    onFilter({ ...filter, [key]: filter[key] === value ? undefined : value });
  return (
    <aside aria-label="Where the leads stand" className="hidden w-64 shrink-0 flex-col gap-3 lg:flex">
      <CountCard
        title="By stage"
        total={counts.total}
        rows={stages.map((row) => ({ key: row.stage, label: row.stage, count: row.count }))}
        chosen={filter.stage}
        onChoose={(stage) => toggle("stage", stage)}
      />
      <CountCard
        title="By owner"
        total={counts.total}
        rows={[...counts.by_owner]
          .sort((a, b) => b.count - a.count)
          .map((row) => ({
            key: row.owner?.id ?? "none",
            label: row.owner?.name ?? "Nobody",
            count: row.count,
            quiet: row.owner === null,
          }))}
        chosen={filter.owner}
        onChoose={(owner) => toggle("owner", owner)}
      />
      {counts.by_list.length > 0 ? (
        <CountCard
          title="On lists"
          total={counts.total}
          rows={counts.by_list.map((row) =>
            typeof row.list === "string"
              ? { key: row.list, label: row.list, count: row.count }
              : { key: row.list.id, label: row.list.name, count: row.count },
          )}
          chosen={filter.list}
          onChoose={(list) => toggle("list", list)}
        />
      ) : null}
    </aside>
  );
}

interface CountCardProps {
  title: string;
  total: number;
  rows: { key: string; label: string; count: number; quiet?: boolean }[];
  chosen: string | undefined;
  onChoose: (key: string) => void;
}

function CountCard({ title, total, rows, chosen, onChoose }: CountCardProps) {
  return (
    <Card title={title}>
      <ul className="-mx-2 space-y-0.5">
        {rows.map((row) => (
          <li key={row.key}>
            <button
              type="button"
              aria-pressed={row.key === chosen}
              onClick={() => onChoose(row.key)}
              className={clsx(
                "block w-full rounded-sm px-2 py-1 text-left",
                row.key === chosen ? "bg-accent-soft text-accent-text" : "hover:bg-hover",
              )}
            >
              <span className="flex justify-between gap-2 text-sm">
                <span className={clsx("truncate", row.quiet && row.key !== chosen && "text-muted")}>
                  {row.label}
                </span>
                <span className="font-medium tabular">{row.count.toLocaleString("en")}</span>
              </span>
              <span aria-hidden className="mt-0.5 block h-1 overflow-hidden rounded-full bg-sunken">
                <span
                  className={clsx("block h-full rounded-full", row.quiet ? "bg-idle" : "bg-accent")}
                  style={{ width: `${total > 0 ? (row.count / total) * 100 : 0}%` }}
                />
              </span>
            </button>
          </li>
        ))}
      </ul>
    </Card>
  );
}
