/** The table of score rules: when something holds, points are added or taken; the sample's sum is always in sight. */
import { clsx } from "clsx";
import { useId, useState } from "react";
import { Chip, IconButton, Input } from "@/ui";
import { ComparisonRow } from "../condition/comparison-row";
import { asCondition, type Comparison, EMPTY_COMPARISON, isGroup } from "../condition/model";
import { useHolds } from "../condition/use-holds";
import { conditionInWords } from "../condition/words";
import { useFormScope } from "../scope";
import { signed } from "./points";
import { AddRow, RowList, useRows } from "./rows";
import { SampleScore } from "./sample-score";
import { recordOf, textOf, type WidgetProps } from "./widget";

/** A rule as the document holds it: a comparison with its points, and a label for the reasons. */
type Rule = Record<string, unknown>;

const FRESH: Rule = { ...EMPTY_COMPARISON, op: "is_not_empty", points: 10 };

export function RulesWidget({ value, onChange }: WidgetProps) {
  const rules = Array.isArray(value) ? value.map(recordOf) : [];
  const rows = useRows<Rule>(rules, onChange);
  const most = rules.reduce((sum, rule) => sum + Math.max(0, pointsOf(rule)), 0);
  return (
    <div className="flex flex-col gap-2">
      {rules.length > 0 ? (
        <div
          className="flex items-center border-b border-border pb-1 text-xs font-medium text-muted"
          aria-hidden
        >
          <span className="flex-1 pl-3">When</span>
          <Chip className="mr-2">up to {most}</Chip>
          <span className="w-[74px]">Points</span>
        </div>
      ) : (
        <p className="text-sm text-muted">
          No rule yet. A rule reads like “company size is at least 200” and gives points when it holds.
        </p>
      )}
      <RowList rows={rows} noun="rule" className="-mt-2">
        {(rule, index) => (
          <RuleRow rule={rule} number={index + 1} onChange={(next) => rows.set(index, next)} />
        )}
      </RowList>
      <AddRow label="Add a rule" onAdd={() => rows.add(FRESH)} />
      {rules.length > 0 ? <SampleScore most={most} /> : null}
    </div>
  );
}

interface RuleRowProps {
  readonly rule: Rule;
  readonly number: number;
  readonly onChange: (rule: Rule) => void;
}

function RuleRow({ rule, number, onChange }: RuleRowProps) {
  // Rules may hold their comparison beside the points, or under `when`; each is kept the way it came.
  const nested = "when" in rule;
  const condition = asCondition(nested ? rule.when : rule);
  const holds = useHolds(condition);
  const [naming, setNaming] = useState(false);
  const { available, readOnly } = useFormScope();
  const comparison: Comparison = isGroup(condition) ? EMPTY_COMPARISON : condition;
  const label = textOf(rule.label);
  const setComparison = (next: Comparison) => {
    if (nested) return onChange({ ...rule, when: next });
    const { field: _f, op: _o, value: _v, ...rest } = rule;
    onChange({ ...next, ...rest });
  };
  return (
    <div className="flex flex-col gap-1">
      <ComparisonRow
        comparison={comparison}
        name={`rule ${number}`}
        onChange={setComparison}
        holds={holds}
        end={
          <>
            <IconButton
              icon="note"
              size="small"
              label={label === "" ? `Name rule ${number}` : `Named “${label}”`}
              aria-expanded={naming}
              className={clsx(
                "mt-0.5",
                label === "" && "opacity-40 group-hover/row:opacity-100 focus-visible:opacity-100",
              )}
              onClick={() => setNaming(!naming)}
            />
            <PointsInput
              points={pointsOf(rule)}
              number={number}
              onChange={(points) => onChange({ ...rule, points })}
            />
          </>
        }
      />
      {naming ? (
        <Input
          size="small"
          autoFocus
          aria-label={`What rule ${number} is called among the reasons`}
          placeholder={`Reason shown: ${conditionInWords(condition, available)}`}
          readOnly={readOnly}
          value={label}
          onChange={(event) => onChange(withLabel(rule, event.target.value))}
        />
      ) : null}
    </div>
  );
}

/** Without a label the reason is the condition in words. */
function withLabel(rule: Rule, label: string): Rule {
  if (label !== "") return { ...rule, label };
  const { label: _, ...rest } = rule;
  return rest;
}

function pointsOf(rule: Rule): number {
  return typeof rule.points === "number" ? rule.points : 0;
}

interface PointsInputProps {
  readonly points: number;
  readonly number: number;
  readonly onChange: (points: number) => void;
}

function PointsInput({ points, number, onChange }: PointsInputProps) {
  const { readOnly } = useFormScope();
  const [typing, setTyping] = useState<string | null>(null);
  const id = useId();
  return (
    <Input
      id={id}
      size="small"
      aria-label={`Points of rule ${number}`}
      inputMode="numeric"
      readOnly={readOnly}
      className={clsx("!w-[54px] shrink-0 text-right font-medium tabular", points < 0 && "text-bad")}
      value={typing ?? signed(points)}
      onFocus={(event) => event.target.select()}
      onChange={(event) => {
        const text = event.target.value;
        setTyping(text);
        const next = Number(text.replace("−", "-").replace(",", "."));
        if (text.trim() !== "" && Number.isFinite(next)) onChange(next);
      }}
      onBlur={() => setTyping(null)}
      onKeyDown={(event) => {
        const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
        if (!step) return;
        event.preventDefault();
        setTyping(null);
        onChange(points + step * (event.shiftKey ? 10 : 1));
      }}
    />
  );
}
