import { CriteriaEditor } from "@/rules/criteria-editor";
import { NumberInput } from "@/rules/number-input";
import { Button, Card, IconButton, Input } from "@/ui";
import type { FitRow, ScoringModel } from "./model";

interface TableProps {
  readonly model: ScoringModel;
  readonly onChange: (model: ScoringModel) => void;
}

/** Who they are: conditions and the points they give. */
export function FitCard({ model, onChange }: TableProps) {
  const { rows, most } = model.fit;
  const setRows = (next: readonly FitRow[]) => onChange({ ...model, fit: { rows: next, most } });
  const set = (index: number, row: FitRow) => setRows(rows.map((one, at) => (at === index ? row : one)));
  return (
    <Card
      title="Who they are"
      aside={
        <Most
          label="Most points of who they are"
          value={most}
          onChange={(next) => onChange({ ...model, fit: { rows, most: next } })}
        />
      }
    >
      <div className="flex flex-col divide-y divide-border">
        {rows.map((row, index) => {
          const name = `row ${index + 1}`;
          return (
            // Rows have no identity of their own; what stands in them is all there is.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            <div key={index} className="flex items-start gap-2 py-2 first:pt-0">
              <div className="min-w-0 flex-1">
                <CriteriaEditor
                  value={row.when}
                  within="score"
                  name={name}
                  onChange={(when) => set(index, { ...row, when })}
                />
              </div>
              <RowEnd
                name={name}
                row={row}
                onChange={(change) => set(index, { ...row, ...change })}
                onRemove={() => setRows(rows.filter((_, at) => at !== index))}
              />
            </div>
          );
        })}
      </div>
      <Button
        size="small"
        variant="ghost"
        icon="plus"
        onClick={() => setRows([...rows, { when: { field: "", op: "equals", value: "" }, points: 10 }])}
      >
        Add a row
      </Button>
    </Card>
  );
}

/** The most a table counts. */
export function Most(props: { label: string; value: number; onChange: (value: number) => void }) {
  return (
    <span className="flex items-center gap-1.5 text-sm text-muted">
      up to
      <NumberInput
        className="!w-14"
        label={props.label}
        value={props.value}
        onChange={(value) => props.onChange(value ?? 0)}
      />
    </span>
  );
}

interface RowEndProps {
  readonly name: string;
  readonly row: { readonly points: number; readonly label?: string };
  readonly onChange: (change: { points?: number; label?: string }) => void;
  readonly onRemove: () => void;
}

/** The reason, the points, and a way to be rid of the row. */
export function RowEnd({ name, row, onChange, onRemove }: RowEndProps) {
  return (
    <span className="flex shrink-0 items-center gap-1.5">
      <Input
        size="small"
        className="!w-40"
        aria-label={`What ${name} is called among the reasons`}
        placeholder="reason, in your words"
        value={row.label ?? ""}
        onChange={(event) => onChange({ label: event.target.value })}
      />
      <NumberInput
        signed
        className="!w-14 font-medium"
        label={`Points of ${name}`}
        value={row.points}
        onChange={(points) => onChange({ points: points ?? 0 })}
      />
      <IconButton icon="trash" label={`Remove ${name}`} onClick={onRemove} />
    </span>
  );
}
