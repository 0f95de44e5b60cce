import { useState } from "react";
import { Field, Input, Select } from "@/ui";

const UNITS = [
  { value: "1", label: "minutes" },
  { value: "60", label: "hours" },
];

interface MinutesFieldProps {
  label: string;
  help?: string;
  /** In minutes. */
  value: number;
  onChange: (minutes: number) => void;
}

/** A length of working time, written in minutes or hours. */
export function MinutesField({ label, help, value, onChange }: MinutesFieldProps) {
  const [unit, setUnit] = useState(value > 0 && value % 60 === 0 ? 60 : 1);
  return (
    <Field label={label} {...(help ? { help } : {})}>
      {(control) => (
        <span className="flex gap-2">
          <Input
            {...control}
            type="number"
            min={0}
            step="any"
            value={value / unit}
            onChange={(event) => onChange(Math.max(0, Math.round((Number(event.target.value) || 0) * unit)))}
          />
          <Select
            className="!w-[110px]"
            aria-label={`${label}, unit`}
            value={String(unit)}
            options={UNITS}
            onValueChange={(next) => setUnit(Number(next))}
          />
        </span>
      )}
    </Field>
  );
}
