import { type Did, trimmed } from "@/rules/criteria";
import { DidRow } from "@/rules/did-row";
import { NumberInput } from "@/rules/number-input";
import { Button, Card, Checkbox } from "@/ui";
import { Most, RowEnd } from "./fit-card";
import type { BehaviourRow, ScoringModel } from "./model";

interface TableProps {
  readonly model: ScoringModel;
  readonly onChange: (model: ScoringModel) => void;
}

/** What they do: activities, the points they give, and how those fade. */
export function BehaviourCard({ model, onChange }: TableProps) {
  const { rows, most, half_life_days } = model.behaviour;
  const setTable = (change: Partial<ScoringModel["behaviour"]>) =>
    onChange({ ...model, behaviour: { ...model.behaviour, ...change } });
  const set = (index: number, row: BehaviourRow) =>
    setTable({ rows: rows.map((one, at) => (at === index ? row : one)) });
  const fade = (days: number | undefined) => {
    const { half_life_days: _old, ...rest } = model.behaviour;
    onChange({ ...model, behaviour: days === undefined ? rest : { ...rest, half_life_days: days } });
  };
  return (
    <Card
      title="What they do"
      aside={
        <span className="flex items-center gap-3 text-sm text-muted">
          <span className="flex items-center gap-1.5">
            halves every
            <NumberInput
              fraction
              className="!w-14"
              label="Half-life in days"
              placeholder="never"
              value={half_life_days}
              onChange={fade}
            />
            days
          </span>
          <Most
            label="Most points of what they do"
            value={most}
            onChange={(next) => setTable({ most: next })}
          />
        </span>
      }
    >
      <div className="flex flex-col divide-y divide-border">
        {rows.map((row, index) => {
          const name = `activity ${index + 1}`;
          const { points, label, every_time, ...test } = row;
          const rest = { points, ...(label ? { label } : {}), ...(every_time ? { every_time } : {}) };
          return (
            // Rows have no identity of their own; what stands in them is all there is.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            <div key={index} className="flex flex-wrap items-start gap-2 py-2 first:pt-0">
              <DidRow
                test={test as Did}
                name={name}
                within="score"
                onChange={(next) => set(index, { ...trimmed(next), ...rest } as BehaviourRow)}
              />
              <RowEnd
                name={name}
                row={row}
                onChange={(change) => set(index, { ...row, ...change })}
                onRemove={() => setTable({ rows: rows.filter((_, at) => at !== index) })}
              />
              <Checkbox
                checked={Boolean(every_time)}
                label="every time, not once"
                onCheckedChange={(on) => {
                  const { every_time: _old, ...once } = row;
                  set(index, on ? { ...once, every_time: 10 } : once);
                }}
              />
            </div>
          );
        })}
      </div>
      <Button
        size="small"
        variant="ghost"
        icon="plus"
        onClick={() => setTable({ rows: [...rows, { did: "touched", within_days: 30, points: 5 }] })}
      >
        Add an activity
      </Button>
    </Card>
  );
}
