import type { Provider } from "@/api";
import { NumberInput } from "@/rules/number-input";
import { Button, Combobox, IconButton, Input } from "@/ui";
import { fieldLabel, fieldOptions, newFill } from "./model";

interface FillsTableProps {
  provider: Provider;
  onChange: (provider: Provider) => void;
}

/** What a provider knows: where it stands in its answer, how far it is trusted, and how long it counts. */
export function FillsTable({ provider, onChange }: FillsTableProps) {
  const { fills } = provider;
  const options = fieldOptions(fills.map((fill) => fill.field));
  const free = options.find((option) => !fills.some((fill) => fill.field === option.value));
  const change = (place: number, change: Partial<(typeof fills)[number]>) =>
    onChange({ ...provider, fills: fills.map((old, at) => (at === place ? { ...old, ...change } : old)) });
  return (
    <div>
      <table className="w-full">
        <thead>
          <tr className="text-left text-xs text-muted">
            <th className="pr-2 pb-1 font-semibold">Field</th>
            <th className="pr-2 pb-1 font-semibold">Path in the answer</th>
            <th className="w-16 pr-2 pb-1 font-semibold">Trust</th>
            <th className="w-20 pr-2 pb-1 font-semibold">Days fresh</th>
            <th className="w-8 pb-1">
              <span className="visually-hidden">Remove</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {fills.map((fill, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a fill is edited in place, and may name a field twice for a moment
            <tr key={place}>
              <td className="py-0.5 pr-2">
                <Combobox
                  className="w-full"
                  aria-label={`${provider.name}, field ${place + 1}`}
                  value={fill.field}
                  options={options}
                  onCreate={(field) => change(place, { field })}
                  createLabel={(text) => `Own field “${text}”`}
                  onValueChange={(field) => change(place, { field })}
                />
              </td>
              <td className="py-0.5 pr-2">
                <Input
                  mono
                  aria-label={`${provider.name}, path of ${fieldLabel(fill.field)}`}
                  placeholder="company.employees"
                  value={fill.path}
                  onChange={(event) => change(place, { path: event.target.value })}
                />
              </td>
              <td className="py-0.5 pr-2">
                <NumberInput
                  label={`${provider.name}, trust of ${fieldLabel(fill.field)}`}
                  value={fill.trust}
                  onChange={(trust) => change(place, { trust: Math.min(100, Math.max(0, trust ?? 0)) })}
                />
              </td>
              <td className="py-0.5 pr-2">
                <NumberInput
                  label={`${provider.name}, days ${fieldLabel(fill.field)} is fresh; 0 for always`}
                  value={fill.fresh_days}
                  onChange={(days) => change(place, { fresh_days: Math.max(0, days ?? 0) })}
                />
              </td>
              <td className="py-0.5">
                <IconButton
                  icon="trash"
                  label={`${provider.name} does not fill ${fieldLabel(fill.field)}`}
                  onClick={() => onChange({ ...provider, fills: fills.filter((_, at) => at !== place) })}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Button
        size="small"
        icon="plus"
        className="mt-1.5"
        onClick={() => onChange({ ...provider, fills: [...fills, newFill(free?.value ?? "")] })}
      >
        Add a field it knows
      </Button>
    </div>
  );
}
