/** The table of score rules: when something holds, points are added or taken; the sample's sum is always in sight. */
import { clsx } from "clsx";
import { useId, useMemo, useState } from "react";
import { Chip, Input, Select } from "@/ui";
import { ComparisonRow } from "../condition/comparison-row";
import { ConditionMark } from "../condition/holds-mark";
import { asCondition, type Comparison, type Condition, EMPTY_COMPARISON, isGroup } from "../condition/model";
import { conditionInWords } from "../condition/words";
import { useFormScope } from "../scope";
import { LeadFieldInput } from "./lead-field-input";
import { type LeadField, leadFieldsOf, pointAtLead } from "./lead-fields";
import { signed } from "./points";
import { AddRow, RowList, useRows } from "./rows";
import { SampleScore } from "./sample-score";
import { recordOf, textOf, type WidgetProps } from "./widget";

/** A rule as the document holds it: a comparison with its points, and a label for the reasons. */
type Rule = Record<string, unknown>;

const FRESH: Rule = { ...EMPTY_COMPARISON, op: "is_not_empty", points: 10 };

export function RulesWidget({ value, onChange, siblings }: WidgetProps) {
  const rules = Array.isArray(value) ? value.map(recordOf) : [];
  const rows = useRows<Rule>(rules, onChange);
  const { context } = useFormScope();
  const fields = useMemo(() => leadFieldsOf(siblings.lead, context), [siblings.lead, context]);
  const groups = (Array.isArray(siblings.groups) ? siblings.groups : []).map((group) =>
    textOf(recordOf(group).name),
  );
  const [inUse, setInUse] = useState<number | null>(null);
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
          <span className="w-[66px]">Points</span>
        </div>
      ) : (
        <p className="text-sm text-muted">
          No rule yet. A rule reads like “company size is at least 200” and gives points when it holds.
        </p>
      )}
      <RowList
        rows={rows}
        noun="rule"
        className="-mt-2"
        mark={(rule) => <ConditionMark condition={pointAtLead(conditionOf(rule), siblings.lead)} />}
      >
        {(rule, index) => (
          <RuleRow
            rule={rule}
            number={index + 1}
            fields={fields}
            groups={groups}
            inUse={inUse === rows.keys[index]}
            onUse={() => setInUse(rows.keys[index] ?? null)}
            onChange={(next) => rows.set(index, next)}
          />
        )}
      </RowList>
      <AddRow label="Add a rule" onAdd={() => rows.add(FRESH)} />
      {rules.length > 0 ? (
        <SampleScore most={numberOf(siblings.maximum) ?? numberOf(siblings.max) ?? most} />
      ) : null}
    </div>
  );
}

interface RuleRowProps {
  readonly rule: Rule;
  readonly fields: readonly LeadField[];
  /** Names of the groups whose limits rules can count towards. */
  readonly groups: readonly string[];
  readonly inUse: boolean;
  readonly onUse: () => void;
  readonly number: number;
  readonly onChange: (rule: Rule) => void;
}

function RuleRow({ rule, number, fields, groups, inUse, onUse, onChange }: RuleRowProps) {
  const nested = "when" in rule;
  const condition = conditionOf(rule);
  const { available, readOnly } = useFormScope();
  const comparison: Comparison = isGroup(condition) ? EMPTY_COMPARISON : condition;
  const label = textOf(rule.label);
  const setComparison = (next: Comparison) => {
    if (nested) return onChange({ ...rule, when: next });
    const { field: _f, op: _o, value: _v, ...rest } = rule;
    onChange({ ...next, ...rest });
  };
  return (
    // The name of the reason is asked for only while the rule is being worked on; it stays until another is.
    <fieldset aria-label={`Rule ${number}`} className="flex min-w-0 flex-col gap-1" onFocus={onUse}>
      <ComparisonRow
        comparison={comparison}
        name={`rule ${number}`}
        onChange={setComparison}
        field={
          <LeadFieldInput
            value={comparison.field}
            label={`Field of rule ${number}`}
            fields={fields}
            onChange={(field) => setComparison({ ...comparison, field })}
          />
        }
        end={
          <PointsInput
            points={pointsOf(rule)}
            number={number}
            onChange={(points) => onChange({ ...rule, points })}
          />
        }
      />
      {inUse ? (
        <div className="flex gap-1.5 pb-0.5 pl-1.5">
          <Input
            size="small"
            aria-label={`What rule ${number} is called among the reasons`}
            placeholder={`Reason shown: ${conditionInWords(condition, available)}`}
            readOnly={readOnly}
            value={label}
            onChange={(event) => onChange(withText(rule, "label", event.target.value))}
          />
          {groups.length > 0 ? (
            <Select
              size="small"
              className="!w-36 shrink-0"
              aria-label={`Group of rule ${number}`}
              disabled={readOnly}
              value={textOf(rule.group)}
              options={[
                { value: "", label: "No group" },
                ...groups.filter(Boolean).map((group) => ({ value: group, label: group })),
              ]}
              onValueChange={(group) => onChange(withText(rule, "group", group))}
            />
          ) : null}
        </div>
      ) : null}
    </fieldset>
  );
}

/** An emptied text takes its key out: without a label the reason is the condition in words. */
function withText(rule: Rule, key: "label" | "group", text: string): Rule {
  const { [key]: _, ...rest } = rule;
  return text === "" ? rest : { ...rest, [key]: text };
}

/** Rules may hold their comparison beside the points, or under `when`; each is kept the way it came. */
function conditionOf(rule: Rule): Condition {
  return asCondition("when" in rule ? rule.when : rule);
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" ? value : null;
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
      className={clsx(
        "!w-[46px] shrink-0 border-transparent bg-transparent text-right font-medium tabular hover:border-control focus:border-accent",
        points < 0 && "text-bad",
      )}
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
