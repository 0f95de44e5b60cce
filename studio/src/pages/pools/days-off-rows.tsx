import type { DaysOff } from "@/api";
import { Button, IconButton, Input } from "@/ui";

interface DaysOffRowsProps {
  days: DaysOff[];
  onChange: (days: DaysOff[]) => void;
  /** What a row is called: "Days off", "Holiday". */
  label: string;
  /** What is suggested as the reason. */
  example: string;
}

/** Days on which nobody works, from the first to the last of each row. */
export function DaysOffRows({ days, onChange, label, example }: DaysOffRowsProps) {
  const change = (place: number, part: Partial<DaysOff>) =>
    onChange(days.map((old, at) => (at === place ? { ...old, ...part } : old)));
  return (
    <div className="space-y-2">
      {days.map((row, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other identity, and are edited in place
        <div key={place} className="flex items-center gap-2">
          <Input
            type="date"
            className="!w-[150px] shrink-0"
            aria-label={`${label} ${place + 1}, first day`}
            value={row.from}
            onChange={(event) => {
              const from = event.target.value;
              change(place, { from, ...(row.to < from ? { to: from } : {}) });
            }}
          />
          <span className="text-muted">to</span>
          <Input
            type="date"
            className="!w-[150px] shrink-0"
            aria-label={`${label} ${place + 1}, last day`}
            min={row.from}
            value={row.to}
            onChange={(event) => change(place, { to: event.target.value })}
          />
          <Input
            aria-label={`${label} ${place + 1}, what for`}
            placeholder={example}
            value={row.why}
            onChange={(event) => change(place, { why: event.target.value })}
          />
          <IconButton
            icon="trash"
            label={`Remove ${label.toLowerCase()} ${place + 1}`}
            onClick={() => onChange(days.filter((_, at) => at !== place))}
          />
        </div>
      ))}
      <Button
        size="small"
        icon="plus"
        onClick={() => {
          const today = new Date().toISOString().slice(0, 10);
          onChange([...days, { from: today, to: today, why: "" }]);
        }}
      >
        Add {label.toLowerCase()}
      </Button>
    </div>
  );
}
