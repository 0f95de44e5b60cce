import { useStages } from "@/api";
import { NumberInput } from "@/rules/number-input";
import { Button, Card, Checkbox, IconButton, Input, Select } from "@/ui";
import type { ScoringModel, Threshold } from "./model";

interface ThresholdCardProps {
  readonly model: ScoringModel;
  readonly onChange: (model: ScoringModel) => void;
}

/** Scores that mean something, and what happens when a lead reaches one. */
export function ThresholdCard({ model, onChange }: ThresholdCardProps) {
  const stages = useStages().data?.items ?? [];
  const { thresholds } = model;
  const setAll = (next: readonly Threshold[]) => onChange({ ...model, thresholds: next });
  const set = (index: number, change: Partial<Threshold>) =>
    setAll(thresholds.map((one, at) => (at === index ? { ...one, ...change } : one)));
  return (
    <Card title="What a score means" subtitle={`out of ${model.maximum}`}>
      <div className="flex flex-col gap-2">
        {thresholds.map((threshold, index) => {
          const name = `threshold ${index + 1}`;
          return (
            // Thresholds have no identity of their own; what stands in them is all there is.
            // biome-ignore lint/suspicious/noArrayIndexKey: see above
            <div key={index} className="flex flex-wrap items-center gap-1.5">
              <span className="text-sm text-muted">From</span>
              <NumberInput
                className="!w-14"
                label={`Score of ${name}`}
                value={threshold.at}
                onChange={(at) => set(index, { at: at ?? 0 })}
              />
              <Input
                size="small"
                className="!w-28"
                aria-label={`Name of ${name}`}
                placeholder="MQL"
                value={threshold.name}
                onChange={(event) => set(index, { name: event.target.value })}
              />
              <Input
                size="small"
                className="min-w-40 flex-1"
                aria-label={`What ${name} means`}
                placeholder="What it means, as agreed"
                value={threshold.means ?? ""}
                onChange={(event) => set(index, { means: event.target.value })}
              />
              <Select
                size="small"
                className="!w-44"
                aria-label={`Stage of ${name}`}
                value={threshold.stage ?? ""}
                options={[
                  { value: "", label: "Moves nobody" },
                  ...stages.map((stage) => ({ value: stage.name, label: `Moves to ${stage.name}` })),
                ]}
                onValueChange={(stage) => set(index, { stage })}
              />
              <IconButton
                icon="trash"
                label={`Remove ${name}`}
                onClick={() => setAll(thresholds.filter((_, at) => at !== index))}
              />
            </div>
          );
        })}
        <div className="flex flex-wrap items-center gap-4">
          <Button
            size="small"
            variant="ghost"
            icon="plus"
            onClick={() => setAll([...thresholds, { at: 40, name: "" }])}
          >
            Add a threshold
          </Button>
          <Checkbox
            checked={model.automatic}
            label="Scores every lead, with every change"
            onCheckedChange={(automatic) => onChange({ ...model, automatic })}
          />
        </div>
      </div>
    </Card>
  );
}
