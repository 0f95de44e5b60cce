/** The table of score rules: when something holds, points are added or taken; the sample's sum is always in sight. */
import { useMemo, useState } from "react";
import { Chip } from "@/ui";
import { ConditionMark } from "../condition/holds-mark";
import { useFormScope } from "../scope";
import { leadFieldsOf, pointAtLead } from "./lead-fields";
import { AddRow, RowList, type Rows, useRows } from "./rows";
import { conditionOfRule, FRESH_RULE, groupNames, groupsOfRules, type Rule, type RuleGroup } from "./rule";
import { RuleRow } from "./rule-row";
import { SampleScore } from "./sample-score";
import { recordOf, type WidgetProps } from "./widget";

export function RulesWidget({ value, onChange, siblings }: WidgetProps) {
  const rules = Array.isArray(value) ? value.map(recordOf) : [];
  const rows = useRows<Rule>(rules, onChange);
  const { context } = useFormScope();
  const fields = useMemo(() => leadFieldsOf(siblings.lead, context), [siblings.lead, context]);
  const [inUse, setInUse] = useState<number | null>(null);
  const groups = groupsOfRules(rules, siblings.groups);
  const names = groupNames(rules, siblings.groups);
  const most = groups.reduce((sum, group) => sum + group.most, 0);
  return (
    <div className="flex flex-col gap-4">
      {rules.length === 0 ? (
        <div className="flex flex-col gap-2">
          <p className="text-sm text-muted">
            No rule yet. A rule reads like “company size is at least 200” and gives points when it holds.
          </p>
          <AddRow label="Add a rule" onAdd={() => rows.add(FRESH_RULE)} />
        </div>
      ) : null}
      {groups.map((group, index) => (
        <div key={group.name} className="flex flex-col gap-1.5">
          <GroupHeading group={group} first={index === 0} alone={groups.length === 1} />
          <RowList
            rows={rowsOfGroup(rows, group)}
            noun="rule"
            className="-mt-1.5"
            mark={(rule) => <ConditionMark condition={pointAtLead(conditionOfRule(rule), siblings.lead)} />}
          >
            {(rule, at) => {
              const place = group.places[at] ?? 0;
              return (
                <RuleRow
                  rule={rule}
                  number={place + 1}
                  lead={siblings.lead}
                  fields={fields}
                  groups={names}
                  inUse={inUse === rows.keys[place]}
                  onUse={() => setInUse(rows.keys[place] ?? null)}
                  onChange={(next) => rows.set(place, next)}
                />
              );
            }}
          </RowList>
          <AddRow
            label="Add a rule"
            onAdd={() => rows.add(group.name === "" ? FRESH_RULE : { ...FRESH_RULE, group: group.name })}
          />
        </div>
      ))}
      {rules.length > 0 ? <SampleScore most={limitOf(siblings) ?? most} /> : null}
    </div>
  );
}

function limitOf({ maximum, max }: Readonly<Record<string, unknown>>): number | null {
  const limit = maximum ?? max;
  return typeof limit === "number" ? limit : null;
}

interface GroupHeadingProps {
  readonly group: RuleGroup;
  readonly first: boolean;
  /** The only group there is. */
  readonly alone: boolean;
}

function GroupHeading({ group, first, alone }: GroupHeadingProps) {
  const title = group.name || (alone ? "" : "Other rules");
  return (
    <div className="flex min-h-[27px] items-center border-b border-border pb-1 text-xs text-muted">
      {title ? (
        <h4 className="min-w-0 flex-1 truncate font-semibold">{title}</h4>
      ) : (
        <span aria-hidden className="flex-1 pl-3 font-medium">
          When
        </span>
      )}
      <Chip className="mr-2">up to {group.most}</Chip>
      <span aria-hidden className="w-[66px] font-medium">
        {first ? "Points" : ""}
      </span>
    </div>
  );
}

/** The rows of one group; edits and moves are made in the whole list. */
function rowsOfGroup(rows: Rows<Rule>, { places }: RuleGroup): Rows<Rule> {
  const at = (index: number) => places[index] ?? 0;
  return {
    items: places.map((place) => rows.items[place] ?? {}),
    keys: places.map((place) => rows.keys[place] ?? 0),
    set: (index, rule) => rows.set(at(index), rule),
    add: rows.add,
    remove: (index) => rows.remove(at(index)),
    move: (from, to) => {
      if (to >= 0 && to < places.length) rows.move(at(from), at(to));
    },
  };
}
