/** The branches of a switch: each a name on the canvas and a condition; the first that holds is taken. */
import { clsx } from "clsx";
import { Input } from "@/ui";
import { ConditionBuilder } from "../condition/condition-builder";
import { asGroup, EMPTY_COMPARISON, type Group, membersOf } from "../condition/model";
import { useHolds } from "../condition/use-holds";
import { useFormScope } from "../scope";
import { AddRow, RowList, useRows } from "./rows";
import { recordOf, textOf, type WidgetProps } from "./widget";

type Case = Record<string, unknown>;

export function CasesWidget({ value, onChange }: WidgetProps) {
  const cases = Array.isArray(value) ? value.map(recordOf) : [];
  const rows = useRows<Case>(cases, onChange);
  return (
    <div className="flex flex-col gap-2">
      <RowList rows={rows} noun="branch">
        {(entry, index) => (
          <CaseEditor entry={entry} number={index + 1} onChange={(next) => rows.set(index, next)} />
        )}
      </RowList>
      <AddRow
        label="Add a branch"
        onAdd={() =>
          rows.add({
            id: freshCaseId(cases),
            label: `Branch ${cases.length + 1}`,
            [conditionKey(cases[0])]: { all: [EMPTY_COMPARISON] },
          })
        }
      />
      <p className="text-xs text-muted">
        The first branch that holds is taken, from the top. Everything else leaves by the last port.
      </p>
    </div>
  );
}

/** Case ids name ports, so an edge keeps its meaning when branches are reordered; they are never reused. */
export function freshCaseId(cases: readonly Case[]): string {
  const taken = new Set(cases.map((entry) => textOf(entry.id)));
  for (let n = cases.length + 1; ; n++) {
    const id = `case_${n}`;
    if (!taken.has(id)) return id;
  }
}

/** Documents name a case's condition `condition` or `when`; the form keeps to what is there. */
function conditionKey(entry: Case | undefined): "condition" | "when" {
  return entry && "when" in entry ? "when" : "condition";
}

function CaseEditor({
  entry,
  number,
  onChange,
}: {
  entry: Case;
  number: number;
  onChange: (entry: Case) => void;
}) {
  const { readOnly } = useFormScope();
  const key = conditionKey(entry);
  const condition: Group = asGroup(entry[key]);
  const holds = useHolds(membersOf(condition).length > 0 ? condition : null);
  return (
    <div className={clsx("flex flex-col gap-1.5 pb-1.5")}>
      <div className="flex items-center gap-2">
        <Input
          size="small"
          className="max-w-56 font-medium"
          aria-label={`Name of branch ${number}`}
          placeholder="Name of the branch"
          readOnly={readOnly}
          value={textOf(entry.label)}
          onChange={(event) => onChange({ ...entry, label: event.target.value })}
        />
        {holds === null ? null : (
          <span className={clsx("text-xs", holds ? "text-ok" : "text-faint")}>
            {holds ? "the sample goes here" : "not the sample"}
          </span>
        )}
      </div>
      <ConditionBuilder bare value={condition} onChange={(next) => onChange({ ...entry, [key]: next })} />
    </div>
  );
}
