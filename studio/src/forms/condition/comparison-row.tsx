import type { ReactNode } from "react";
import { TemplateField } from "../template/template-field";
import { textOf } from "../widgets/widget";
import { splitCommas, useStateFollowing } from "./comma-values";
import { type Comparison, OPERATOR_WORDS, typedValue, withOperator } from "./model";
import { OperatorSelect } from "./operator-select";

interface ComparisonRowProps {
  readonly comparison: Comparison;
  readonly onChange: (comparison: Comparison) => void;
  /** "rule 2": starts the spoken names of its boxes. */
  readonly name: string;
  /** Stands in for the box of the field, where fields are chosen in another way. */
  readonly field?: ReactNode;
  /** At the end of the row, the points of a score rule say. */
  readonly end?: ReactNode;
}

/** Field, operator in words, value: one line that reads as a sentence. */
export function ComparisonRow({ comparison, onChange, name, field, end }: ComparisonRowProps) {
  const shape = OPERATOR_WORDS[comparison.op].value;
  const takesValue = shape !== "none";
  return (
    <div className="flex min-w-0 items-start gap-1">
      <div className={shape === "range" ? "min-w-0 flex-[0.8_1_0]" : "min-w-0 flex-[1_1_0]"}>
        {field ?? (
          <TemplateField
            compact
            noPreview
            value={comparison.field}
            label={`Field of ${name}`}
            placeholder="Pick a field"
            onChange={(next) => onChange({ ...comparison, field: next })}
          />
        )}
      </div>
      <div className={takesValue ? "w-[104px] shrink-0" : "min-w-0 flex-[1.15_1_108px]"}>
        <OperatorSelect
          op={comparison.op}
          label={`Operator of ${name}`}
          onChange={(op) => onChange(withOperator(comparison, op))}
        />
      </div>
      {takesValue ? (
        <div className={shape === "range" ? "min-w-0 flex-[1.5_1_0]" : "min-w-0 flex-[1.15_1_0]"}>
          <ValueInput comparison={comparison} onChange={onChange} name={name} />
        </div>
      ) : null}
      {end}
    </div>
  );
}

function ValueInput({
  comparison,
  onChange,
  name,
}: Pick<ComparisonRowProps, "comparison" | "onChange" | "name">) {
  const { value } = comparison;
  const set = (next: unknown) => onChange({ ...comparison, value: next });
  switch (OPERATOR_WORDS[comparison.op].value) {
    case "none":
      return null;
    case "range": {
      const [low, high] = Array.isArray(value) ? value : [value, ""];
      return (
        <div className="flex items-start gap-1">
          <Box
            value={low}
            label={`Lower value of ${name}`}
            placeholder="from"
            onChange={(next) => set([next, high])}
          />
          <span className="pt-1 text-muted">and</span>
          <Box
            value={high}
            label={`Upper value of ${name}`}
            placeholder="to"
            onChange={(next) => set([low, next])}
          />
        </div>
      );
    }
    case "many": {
      const values = Array.isArray(value) ? value : value === undefined || value === "" ? [] : [value];
      return (
        <CommaField
          text={values.map(textOf).join(", ")}
          label={`Values of ${name}`}
          onCommit={(parts) => set(parts.map((part) => typedValue(part)))}
        />
      );
    }
    default:
      return <Box value={value} label={`Value of ${name}`} placeholder="a value" onChange={set} />;
  }
}

interface BoxProps {
  readonly value: unknown;
  readonly label: string;
  readonly placeholder: string;
  readonly onChange: (value: string | number) => void;
}

function Box({ value, label, placeholder, onChange }: BoxProps) {
  return (
    <div className="min-w-0 flex-1">
      <TemplateField
        compact
        quiet
        noPreview={!textOf(value).includes("{{")}
        value={textOf(value)}
        label={label}
        placeholder={placeholder}
        onChange={(text) => onChange(typedValue(text))}
      />
    </div>
  );
}

/** Keeps what is typed (a trailing comma, say) until it differs in meaning from the value outside. */
function CommaField(props: { text: string; label: string; onCommit: (parts: string[]) => void }) {
  const [typed, setTyped] = useStateFollowing(props.text);
  return (
    <TemplateField
      compact
      noPreview
      value={typed}
      label={`${props.label}, separated by commas`}
      placeholder="values, with commas"
      onChange={(next) => {
        setTyped(next);
        props.onCommit(splitCommas(next));
      }}
    />
  );
}
