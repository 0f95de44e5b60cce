import type { Waterfall } from "@/api";
import { NumberInput } from "@/rules/number-input";
import { Button, Card, Combobox, IconButton } from "@/ui";
import { fieldLabel, fieldOptions } from "./model";
import { Numeric } from "./numeric";

interface WantedCardProps {
  waterfall: Waterfall;
  onChange: (waterfall: Waterfall) => void;
}

/** The fields the waterfall is there for. */
export function WantedCard({ waterfall, onChange }: WantedCardProps) {
  const { fields } = waterfall;
  const options = fieldOptions([
    ...fields.map((wanted) => wanted.field),
    ...waterfall.providers.flatMap((provider) => provider.fills.map((fill) => fill.field)),
  ]);
  const free = options.find((option) => !fields.some((wanted) => wanted.field === option.value));
  const set = (next: Waterfall["fields"]) => onChange({ ...waterfall, fields: next });
  return (
    <Card title="Wanted fields" subtitle="when all are filled, nobody else is asked">
      <ul className="space-y-2">
        {fields.map((wanted, place) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a field is edited in place, and may be chosen twice for a moment
          <li key={place} className="flex items-center gap-2">
            <Combobox
              className="min-w-0 flex-1"
              aria-label={`Wanted field ${place + 1}`}
              value={wanted.field}
              options={options}
              onCreate={(field) => set(fields.map((old, at) => (at === place ? { ...old, field } : old)))}
              createLabel={(text) => `Own field “${text}”`}
              onValueChange={(field) =>
                set(fields.map((old, at) => (at === place ? { ...old, field } : old)))
              }
            />
            <span className="text-muted">trust from</span>
            <NumberInput
              className="!w-14"
              label={`${fieldLabel(wanted.field)}: trust that is enough`}
              value={wanted.enough ?? 0}
              onChange={(enough) =>
                set(
                  fields.map((old, at) =>
                    at === place ? { ...old, enough: Math.min(100, enough ?? 0) } : old,
                  ),
                )
              }
            />
            <IconButton
              icon="trash"
              label={`Do not want ${fieldLabel(wanted.field)}`}
              onClick={() => set(fields.filter((_, at) => at !== place))}
            />
          </li>
        ))}
      </ul>
      <div className="mt-3 flex flex-wrap items-end justify-between gap-3">
        <Button size="small" icon="plus" onClick={() => set([...fields, { field: free?.value ?? "" }])}>
          Add a field
        </Button>
        <div className="w-[190px]">
          <Numeric
            label="Trust of values without a provider"
            value={waterfall.trust_of_own ?? 100}
            onChange={(trust) => onChange({ ...waterfall, trust_of_own: Math.min(100, trust ?? 0) })}
          />
        </div>
      </div>
    </Card>
  );
}
