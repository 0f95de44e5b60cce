import { clsx } from "clsx";
import { useState } from "react";
import { Button, Icon, Input, Select } from "@/ui";
import { ComparisonRow } from "../condition/comparison-row";
import { ConditionBuilder, type FieldEditor } from "../condition/condition-builder";
import { type Condition, EMPTY_COMPARISON, isGroup, makeGroup } from "../condition/model";
import { conditionInWords } from "../condition/words";
import { useFormScope } from "../scope";
import { LeadFieldInput } from "./lead-field-input";
import { type LeadField, pointAtLead } from "./lead-fields";
import { signed } from "./points";
import { conditionOfRule, pointsOf, type Rule, withCondition, withText } from "./rule";
import { textOf } from "./widget";

interface RuleRowProps {
  readonly rule: Rule;
  /** Counted from 1 over all groups. */
  readonly number: number;
  /** The expression of the lead that is scored. */
  readonly lead: unknown;
  readonly fields: readonly LeadField[];
  readonly groups: readonly string[];
  /** Its further settings are shown. */
  readonly inUse: boolean;
  readonly onUse: () => void;
  readonly onChange: (rule: Rule) => void;
}

/** One rule: a comparison, or several combined, with its points. */
export function RuleRow({ rule, number, lead, fields, groups, inUse, onUse, onChange }: RuleRowProps) {
  const condition = conditionOfRule(rule);
  const set = (next: Condition) => onChange(withCondition(rule, next));
  const fieldEditor: FieldEditor = (comparison, onField, name) => (
    <LeadFieldInput value={comparison.field} label={`Field of ${name}`} fields={fields} onChange={onField} />
  );
  const points = (
    <PointsInput
      points={pointsOf(rule)}
      number={number}
      onChange={(next) => onChange({ ...rule, points: next })}
    />
  );
  return (
    // The name of the reason is asked for only while the rule is being worked on; it stays until another is.
    <fieldset aria-label={`Rule ${number}`} className="flex min-w-0 flex-col gap-1" onFocus={onUse}>
      {isGroup(condition) ? (
        <CombinedRule condition={condition} number={number} points={points}>
          <ConditionBuilder
            bare
            value={condition}
            onChange={set}
            fieldEditor={fieldEditor}
            probe={(part) => pointAtLead(part, lead)}
          />
        </CombinedRule>
      ) : (
        <ComparisonRow
          comparison={condition}
          name={`rule ${number}`}
          onChange={set}
          field={fieldEditor(condition, (field) => set({ ...condition, field }), `rule ${number}`)}
          end={points}
        />
      )}
      {inUse ? (
        <RuleDetails
          rule={rule}
          number={number}
          condition={condition}
          groups={groups}
          onChange={onChange}
          onCondition={set}
        />
      ) : null}
    </fieldset>
  );
}

interface CombinedRuleProps {
  readonly condition: Condition;
  readonly number: number;
  readonly points: React.ReactNode;
  readonly children: React.ReactNode;
}

/** Several comparisons in one rule: a sentence, and the lines it is made of once it is opened. */
function CombinedRule({ condition, number, points, children }: CombinedRuleProps) {
  const { available } = useFormScope();
  const [shown, setShown] = useState(false);
  return (
    <>
      <div className="flex items-start gap-1">
        <button
          type="button"
          aria-expanded={shown}
          aria-label={`Lines of rule ${number}`}
          onClick={() => setShown(!shown)}
          className="flex min-h-7 min-w-0 flex-1 items-start gap-1 rounded-md px-1.5 py-1 text-left text-sm hover:bg-hover"
        >
          <span className="min-w-0 flex-1">{startBig(conditionInWords(condition, available))}</span>
          <Icon name={shown ? "chevron-up" : "chevron-down"} size={13} className="mt-[3px] text-faint" />
        </button>
        {points}
      </div>
      {shown ? <div className="rounded-lg border border-border bg-bg px-2.5 py-1.5">{children}</div> : null}
    </>
  );
}

function startBig(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

interface RuleDetailsProps {
  readonly rule: Rule;
  readonly number: number;
  readonly condition: Condition;
  readonly groups: readonly string[];
  readonly onChange: (rule: Rule) => void;
  readonly onCondition: (condition: Condition) => void;
}

function RuleDetails({ rule, number, condition, groups, onChange, onCondition }: RuleDetailsProps) {
  const { available, readOnly } = useFormScope();
  return (
    <div className="flex gap-1.5 pb-0.5 pl-1.5">
      <Input
        size="small"
        aria-label={`What rule ${number} is called among the reasons`}
        placeholder={`Reason shown: ${conditionInWords(condition, available)}`}
        readOnly={readOnly}
        value={textOf(rule.label)}
        onChange={(event) => onChange(withText(rule, "label", event.target.value))}
      />
      {groups.length > 0 ? (
        <Select
          size="small"
          className="!w-32 shrink-0"
          aria-label={`Group of rule ${number}`}
          disabled={readOnly}
          value={textOf(rule.group)}
          options={[
            { value: "", label: "No group" },
            ...groups.map((group) => ({ value: group, label: group })),
          ]}
          onValueChange={(group) => onChange(withText(rule, "group", group))}
        />
      ) : null}
      {isGroup(condition) || readOnly ? null : (
        <Button
          size="small"
          variant="ghost"
          aria-label={`Add an alternative to rule ${number}`}
          onClick={() => onCondition(makeGroup("any", [condition, EMPTY_COMPARISON]))}
        >
          or…
        </Button>
      )}
    </div>
  );
}

interface PointsInputProps {
  readonly points: number;
  readonly number: number;
  readonly onChange: (points: number) => void;
}

function PointsInput({ points, number, onChange }: PointsInputProps) {
  const { readOnly } = useFormScope();
  // While "-" or nothing is being typed there is no number yet; the text is kept until there is.
  const [typing, setTyping] = useState<string | null>(null);
  return (
    <Input
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
        const next = Number(text.replace("−", "-"));
        if (text.trim() !== "" && Number.isInteger(next)) onChange(next);
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
