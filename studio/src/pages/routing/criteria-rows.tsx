import type { Criterion } from "@/api";
import { Button, IconButton, Input, Select } from "@/ui";
import { FIELDS, HINTS } from "./model";

interface CriteriaRowsProps {
  criteria: Criterion[];
  onChange: (criteria: Criterion[]) => void;
  /** What they belong to, for those who do not see it: "Cap 1". */
  of?: string;
}

/** Conditions that all have to hold, each a field and what it is, written as in a cell of a routing table. */
export function CriteriaRows({ criteria, onChange, of = "" }: CriteriaRowsProps) {
  const change = (place: number, part: Partial<Criterion>) =>
    onChange(criteria.map((old, at) => (at === place ? { ...old, ...part } : old)));
  const name = (place: number, what: string) =>
    `${of ? `${of}, condition` : "Condition"} ${place + 1}, ${what}`;
  return (
    <div className="space-y-2">
      {criteria.map((criterion, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: criteria have no other identity, and are edited in place
        <div key={place} className="flex items-center gap-2">
          <Select
            className="!w-[190px] shrink-0"
            aria-label={name(place, "field")}
            value={criterion.field}
            options={optionsWith(criterion.field)}
            onValueChange={(field) => {
              const kind = FIELDS.find((known) => known.field === field)?.kind ?? "text";
              change(place, { field, kind });
            }}
          />
          <span className="text-muted">is</span>
          <Input
            aria-label={name(place, "value")}
            placeholder={HINTS[criterion.kind]}
            value={criterion.is}
            onChange={(event) => change(place, { is: event.target.value })}
          />
          <IconButton
            icon="trash"
            label={`Remove ${name(place, "").replace(/, $/, "").toLowerCase()}`}
            onClick={() => onChange(criteria.filter((_, at) => at !== place))}
          />
        </div>
      ))}
      <Button
        size="small"
        icon="plus"
        onClick={() => onChange([...criteria, { field: "company_size", kind: "number", is: "1000+" }])}
      >
        Add a condition
      </Button>
    </div>
  );
}

function optionsWith(field: string) {
  const known = FIELDS.map(({ field, title }) => ({ value: field, label: title }));
  return known.some(({ value }) => value === field) ? known : [...known, { value: field, label: field }];
}
