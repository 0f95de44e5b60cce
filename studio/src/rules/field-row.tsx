import { useState } from "react";
import { splitCommas } from "@/forms/condition/comma-values";
import {
  type Comparison,
  OPERATOR_GROUPS,
  OPERATOR_WORDS,
  type Operator,
  typedValue,
  withOperator,
} from "@/forms/condition/model";
import { Combobox, Input, Select } from "@/ui";
import { useOwnField, useRuleFields } from "./fields";

interface FieldRowProps {
  readonly test: Comparison;
  readonly onChange: (test: Comparison) => void;
  /** Starts the spoken names of its boxes: "rule 2". */
  readonly name: string;
}

/** Field, operator in words, value: one line that reads as a sentence. */
export function FieldRow({ test, onChange, name }: FieldRowProps) {
  const fields = useRuleFields();
  const known = fields.some(({ value }) => value === test.field) || test.field === "";
  return (
    <div className="flex min-w-0 flex-1 flex-wrap items-center gap-1.5">
      <Combobox
        aria-label={test.field === "" ? `Field of ${name}` : `Field of ${name}: ${test.field}`}
        className="!h-7 !w-40 !text-sm"
        value={test.field === "" ? undefined : test.field}
        placeholder="Pick a field"
        searchPlaceholder="Search the lead’s fields"
        options={known ? fields : [{ value: test.field, label: test.field }, ...fields]}
        onValueChange={(field) => onChange({ ...test, field })}
        onCreate={(field) => onChange({ ...test, field: field.trim() })}
        createLabel={(field) => `Use the lead’s own field “${field}”`}
      />
      <Select
        size="small"
        className="!w-36"
        aria-label={`Operator of ${name}`}
        value={test.op}
        options={OPERATOR_GROUPS.flatMap(({ ops }) =>
          ops.map((op) => ({ value: op, label: OPERATOR_WORDS[op].words })),
        )}
        onValueChange={(op) => onChange(withOperator(test, op as Operator))}
      />
      <ValueBox test={test} onChange={onChange} name={name} />
    </div>
  );
}

function ValueBox({ test, onChange, name }: FieldRowProps) {
  const own = useOwnField(test.field);
  const set = (value: unknown) => onChange({ ...test, value });
  if (own && own.options.length > 0 && OPERATOR_WORDS[test.op].value === "one") {
    return (
      <Combobox
        aria-label={`Value of ${name}`}
        className="!h-7 !w-40 !text-sm"
        value={textOf(test.value) || undefined}
        placeholder="a choice"
        options={own.options.map((option) => ({ value: option, label: option }))}
        onValueChange={set}
      />
    );
  }
  switch (OPERATOR_WORDS[test.op].value) {
    case "none":
      return null;
    case "range": {
      const [low, high] = Array.isArray(test.value) ? test.value : [test.value, ""];
      return (
        <span className="flex min-w-0 flex-1 items-center gap-1.5">
          <TextBox value={low} label={`Lower value of ${name}`} onChange={(next) => set([next, high])} />
          <span className="text-muted">and</span>
          <TextBox value={high} label={`Upper value of ${name}`} onChange={(next) => set([low, next])} />
        </span>
      );
    }
    case "many":
      return <ManyBox value={test.value} label={`Values of ${name}, separated by commas`} onChange={set} />;
    default:
      return <TextBox value={test.value} label={`Value of ${name}`} onChange={set} />;
  }
}

function TextBox(props: { value: unknown; label: string; onChange: (value: string | number) => void }) {
  return (
    <Input
      size="small"
      className="min-w-24 flex-1"
      aria-label={props.label}
      placeholder="a value"
      value={textOf(props.value)}
      onChange={(event) => props.onChange(typedValue(event.target.value))}
    />
  );
}

/** Values with commas; what is typed stays while it means the same. */
function ManyBox(props: { value: unknown; label: string; onChange: (value: unknown[]) => void }) {
  const values = Array.isArray(props.value) ? props.value : splitCommas(textOf(props.value));
  const [typed, setTyped] = useState<string | null>(null);
  return (
    <Input
      size="small"
      className="min-w-32 flex-1"
      aria-label={props.label}
      placeholder="values, with commas"
      value={typed ?? values.map(textOf).join(", ")}
      onChange={(event) => {
        setTyped(event.target.value);
        props.onChange(splitCommas(event.target.value).map((part) => typedValue(part)));
      }}
      onBlur={() => setTyped(null)}
    />
  );
}

function textOf(value: unknown): string {
  return value === undefined || value === null ? "" : String(value);
}
