import { clsx } from "clsx";
import type { ReactNode } from "react";
import { Icon } from "@/ui";
import { useFormScope } from "../scope";
import { TemplateField } from "../template/template-field";
import { textOf } from "../widgets/widget";
import { splitCommas, useStateFollowing } from "./comma-values";
import { type Comparison, OPERATOR_WORDS, typedValue, withOperator } from "./model";
import { OperatorSelect } from "./operator-select";
import type { Holds } from "./use-holds";

interface ComparisonRowProps {
  readonly comparison: Comparison;
  readonly onChange: (comparison: Comparison) => void;
  /** "rule 2": starts the spoken names of its boxes. */
  readonly name: string;
  readonly holds?: Holds | undefined;
  /** At the end of the row, the points of a score rule say. */
  readonly end?: ReactNode;
}

/** Field, operator in words, value: one line that reads as a sentence. */
export function ComparisonRow({ comparison, onChange, name, holds = null, end }: ComparisonRowProps) {
  return (
    <div className="flex min-w-0 flex-wrap items-start gap-x-1 gap-y-0.5">
      <div className="min-w-[130px] flex-[2_1_130px]">
        <TemplateField
          compact
          value={comparison.field}
          label={`Field of ${name}`}
          placeholder="Pick a field"
          onChange={(field) => onChange({ ...comparison, field })}
        />
      </div>
      <OperatorSelect
        op={comparison.op}
        label={`Operator of ${name}`}
        onChange={(op) => onChange(withOperator(comparison, op))}
      />
      <ValueInput comparison={comparison} onChange={onChange} name={name} />
      {end}
      <HoldsMark holds={holds} />
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
      return <span className="min-w-0 flex-[1.4_1_70px]" />;
    case "range": {
      const [low, high] = Array.isArray(value) ? value : [value, ""];
      return (
        <div className="flex min-w-[120px] flex-[1.4_1_120px] items-start gap-1">
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
    case "many":
      return (
        <ManyInput
          values={Array.isArray(value) ? value : value === undefined || value === "" ? [] : [value]}
          label={`Values of ${name}`}
          onChange={set}
        />
      );
    default:
      return (
        <div className="min-w-[80px] flex-[1.4_1_80px]">
          <Box value={value} label={`Value of ${name}`} placeholder="a value" onChange={set} />
        </div>
      );
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
        value={textOf(value)}
        label={label}
        placeholder={placeholder}
        onChange={(text) => onChange(typedValue(text))}
      />
    </div>
  );
}

/** Several values, separated by commas as people write them. */
function ManyInput(props: {
  readonly values: readonly unknown[];
  readonly label: string;
  readonly onChange: (values: unknown[]) => void;
}) {
  const text = props.values.map(textOf).join(", ");
  return (
    <div className="min-w-[110px] flex-[1.4_1_110px]">
      <CommaField
        text={text}
        label={props.label}
        onCommit={(parts) => props.onChange(parts.map((part) => typedValue(part)))}
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

/** Whether the line holds for the sample, as a small mark with words. */
export function HoldsMark({ holds }: { holds: Holds }) {
  const { readOnly } = useFormScope();
  if (holds === null || readOnly) return null;
  return (
    <span
      className={clsx("mt-1.5 inline-flex", holds ? "text-ok" : "text-faint")}
      title={holds ? "Holds for the sample" : "Does not hold for the sample"}
    >
      <Icon
        name={holds ? "done" : "minus"}
        size={15}
        label={holds ? "Holds for the sample" : "Does not hold"}
      />
    </span>
  );
}
