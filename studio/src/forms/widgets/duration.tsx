/** A time span in the unit people think in; the document keeps seconds. */
import { useState } from "react";
import { Input, Select } from "@/ui";
import { useFormScope } from "../scope";
import { TemplateField } from "../template/template-field";
import { controlProps, textOf, type WidgetProps } from "./widget";

const UNITS = [
  { value: "86400", label: "days", seconds: 86_400 },
  { value: "3600", label: "hours", seconds: 3_600 },
  { value: "60", label: "minutes", seconds: 60 },
  { value: "1", label: "seconds", seconds: 1 },
] as const;

/** The largest unit that divides the span without a rest. */
export function unitOf(seconds: number): number {
  if (seconds === 0) return 60;
  return UNITS.find((unit) => seconds % unit.seconds === 0)?.seconds ?? 1;
}

export function DurationWidget(props: WidgetProps) {
  const { field, value, onChange, control } = props;
  const { readOnly } = useFormScope();
  const seconds = typeof value === "number" ? value : null;
  const [chosen, setChosen] = useState<number | null>(null);
  if (typeof value === "string" && value.includes("{{")) {
    return (
      <TemplateField
        value={value}
        onChange={onChange}
        label={field.title}
        labelledBy={control.labelId}
        id={control.id}
      />
    );
  }
  const unit = chosen ?? unitOf(seconds ?? 0);
  return (
    <div className="flex items-center gap-1.5">
      <Input
        {...controlProps(control)}
        inputMode="decimal"
        className="!w-24 tabular"
        readOnly={readOnly}
        value={seconds === null ? textOf(value) : textOf(seconds / unit)}
        placeholder={field.placeholder || "0"}
        onChange={(event) => {
          const text = event.target.value.trim().replace(",", ".");
          const amount = Number(text);
          setChosen(unit);
          if (text === "") onChange(undefined);
          else if (Number.isFinite(amount) && amount >= 0) onChange(Math.round(amount * unit));
        }}
      />
      <Select
        aria-label={`Unit of ${field.title}`}
        className="!w-28"
        disabled={readOnly}
        value={String(unit)}
        options={UNITS.map(({ value: option, label }) => ({ value: option, label }))}
        onValueChange={(next) => {
          const nextUnit = Number(next);
          setChosen(nextUnit);
          if (seconds !== null) onChange(Math.round((seconds / unit) * nextUnit));
        }}
      />
    </div>
  );
}
