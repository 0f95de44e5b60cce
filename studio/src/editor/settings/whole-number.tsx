/** A number with a unit. What is half typed or out of range is said and never written. */
import { useEffect, useState } from "react";
import { Field, Input, Select } from "@/ui";

interface Unit {
  readonly label: string;
  /** How many of the smallest unit. */
  readonly size: number;
}

interface WholeNumberProps {
  readonly label: string;
  /** In the smallest unit; undefined when not set. */
  readonly value: number | undefined;
  readonly least: number;
  readonly most: number;
  /** From small to large; the smallest has size 1. */
  readonly units: readonly [Unit, ...Unit[]];
  /** Whether it may be left empty. */
  readonly optional?: boolean;
  readonly placeholder?: string;
  readonly help?: string;
  /** What the server says of it. */
  readonly problem?: string | undefined;
  readonly onChange: (value: number | undefined) => void;
}

export function WholeNumber(props: WholeNumberProps) {
  const { label, value, least, most, units, optional = false, placeholder, help, problem, onChange } = props;
  const [unit, setUnit] = useState<Unit>(() => fitting(units, value));
  const [text, setText] = useState(() => inUnit(value, unit));
  const [wrong, setWrong] = useState("");
  useEffect(() => {
    // Undo, or another control, changed it: what is typed here is read again unless it says the same.
    setText((typed) => (parsed(typed, unit) === value ? typed : inUnit(value, unit)));
    setWrong("");
  }, [value, unit]);
  const take = (typed: string, by: Unit) => {
    setText(typed);
    const number = parsed(typed, by);
    const said =
      typed.trim() === ""
        ? optional
          ? ""
          : "Write a number."
        : number === undefined
          ? "Write a whole number."
          : number < least || number > most
            ? `Choose ${inUnit(least, by) || least} to ${(most / by.size).toLocaleString("en")} ${by.label}.`
            : "";
    setWrong(said);
    if (said === "" && number !== value) onChange(number);
  };
  return (
    <Field label={label} help={help} error={wrong || problem || undefined}>
      {(control) => (
        <div className="flex items-center gap-1.5">
          <Input
            {...control}
            inputMode="numeric"
            className="!w-24 tabular"
            value={text}
            placeholder={placeholder}
            onChange={(event) => take(event.target.value, unit)}
          />
          {units.length === 1 ? (
            <span className="text-sm text-muted">{units[0].label}</span>
          ) : (
            <Select
              aria-label={`Unit of ${label}`}
              className="!w-28"
              value={String(unit.size)}
              options={units.map(({ label: name, size }) => ({ value: String(size), label: name }))}
              onValueChange={(size) => {
                const next = units.find((one) => String(one.size) === size) ?? units[0];
                setUnit(next);
                take(text, next);
              }}
            />
          )}
        </div>
      )}
    </Field>
  );
}

/** The largest unit in which the value is a whole number. */
function fitting(units: WholeNumberProps["units"], value: number | undefined): Unit {
  const whole = value === undefined ? [] : units.filter(({ size }) => value % size === 0);
  return whole.at(-1) ?? units[0];
}

function inUnit(value: number | undefined, unit: Unit): string {
  return value === undefined ? "" : String(value / unit.size);
}

/** `undefined` for what is no whole number of the smallest unit. */
function parsed(text: string, unit: Unit): number | undefined {
  const plain = text.trim().replace(",", ".");
  const number = plain === "" ? Number.NaN : Number(plain) * unit.size;
  return Number.isInteger(number) ? number : undefined;
}
