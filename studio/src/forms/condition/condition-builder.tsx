import { clsx } from "clsx";
import type { ReactNode } from "react";
import { Button, Segmented } from "@/ui";
import { useFormScope } from "../scope";
import { RowList, useRows } from "../widgets/rows";
import { ComparisonRow } from "./comparison-row";
import { ConditionMark, HoldsMark } from "./holds-mark";
import {
  type Comparison,
  type Condition,
  EMPTY_COMPARISON,
  type Group,
  groupKind,
  isGroup,
  makeGroup,
  membersOf,
} from "./model";
import { useHolds } from "./use-holds";
import { conditionInWords } from "./words";

/** How the field of a comparison is chosen, where it is not by a template. */
export type FieldEditor = (
  comparison: Comparison,
  onChange: (field: string) => void,
  name: string,
) => ReactNode;

interface ConditionBuilderProps {
  readonly value: Group;
  readonly onChange: (value: Group) => void;
  /** Leave out the sentence underneath, where the surroundings say it. */
  readonly bare?: boolean;
  readonly fieldEditor?: FieldEditor | undefined;
  /** What is asked of the server for a part of the condition, where it cannot be asked as it is. */
  readonly probe?: ((condition: Condition) => Condition) | undefined;
}

/** Groups three deep are as much as anybody can still read. */
const DEEPEST = 3;

/** Conditions built by clicking, with the sentence they make and whether it is true for the sample. */
export function ConditionBuilder({
  value,
  onChange,
  bare = false,
  fieldEditor,
  probe,
}: ConditionBuilderProps) {
  const { available } = useFormScope();
  const holds = useHolds(bare ? null : probe ? probe(value) : value);
  const asksSomething = membersOf(value).length > 0;
  return (
    <div className="flex flex-col gap-2">
      <GroupEditor group={value} onChange={onChange} depth={1} fieldEditor={fieldEditor} probe={probe} />
      {bare || !asksSomething ? null : (
        <div
          aria-live="polite"
          className={clsx(
            "flex items-start gap-2 rounded-lg px-3 py-2 text-sm",
            holds === true ? "bg-ok-soft" : "bg-sunken",
          )}
        >
          <HoldsMark holds={holds} />
          <p className="min-w-0 flex-1 py-0.5 text-muted">
            <span className="text-text">{startBig(conditionInWords(value, available))}</span>
            {holds === null ? null : (
              <span className={holds ? "text-ok" : undefined}>
                {holds ? " · true for the sample" : " · not true for the sample"}
              </span>
            )}
          </p>
        </div>
      )}
    </div>
  );
}

function startBig(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

interface GroupEditorProps extends Pick<ConditionBuilderProps, "fieldEditor" | "probe"> {
  readonly group: Group;
  readonly onChange: (group: Group) => void;
  readonly depth: number;
}

function GroupEditor({ group, onChange, depth, fieldEditor, probe }: GroupEditorProps) {
  const { readOnly } = useFormScope();
  const kind = groupKind(group);
  const members = membersOf(group);
  const alone = depth === 1 && members.length === 1;
  const rows = useRows<Condition>(members, (next) => onChange(makeGroup(kind, next)));
  return (
    <div
      className={clsx(
        "flex min-w-0 flex-col gap-1",
        depth > 1 && "rounded-lg border border-border bg-bg px-2.5 py-2",
      )}
    >
      {members.length > 1 || depth > 1 ? (
        <Segmented
          size="small"
          label="How the lines below combine"
          className="self-start"
          value={kind}
          onValueChange={(next) => onChange(makeGroup(next, members))}
          options={[
            { value: "all", label: "All of these" },
            { value: "any", label: "Any of these" },
          ]}
        />
      ) : null}
      <RowList
        rows={rows}
        noun={depth > 1 ? "inner condition" : "condition"}
        // A lone line needs no mark of its own: the sentence below says it.
        mark={alone ? undefined : (member) => <ConditionMark condition={probe ? probe(member) : member} />}
      >
        {(member, index) =>
          isGroup(member) ? (
            <GroupEditor
              group={member}
              depth={depth + 1}
              fieldEditor={fieldEditor}
              probe={probe}
              onChange={(next) => rows.set(index, next)}
            />
          ) : (
            <ComparisonRow
              comparison={member}
              name={`condition ${index + 1}`}
              field={fieldEditor?.(
                member,
                (field) => rows.set(index, { ...member, field }),
                `condition ${index + 1}`,
              )}
              onChange={(next) => rows.set(index, next)}
            />
          )
        }
      </RowList>
      {readOnly ? null : (
        <div className="flex items-center gap-1">
          <Button
            size="small"
            variant="ghost"
            icon="plus"
            className="-ml-2 text-accent-text"
            onClick={() => rows.add(EMPTY_COMPARISON)}
          >
            Add a condition
          </Button>
          {depth < DEEPEST ? (
            <Button
              size="small"
              variant="ghost"
              onClick={() => rows.add(makeGroup(kind === "all" ? "any" : "all", [EMPTY_COMPARISON]))}
            >
              Add a group
            </Button>
          ) : null}
        </div>
      )}
    </div>
  );
}
