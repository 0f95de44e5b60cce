import { clsx } from "clsx";
import { Button, IconButton, Segmented } from "@/ui";
import {
  asGroup,
  type Criteria,
  EMPTY_DID,
  EMPTY_FIELD,
  type Group,
  readCriteria,
  writeCriteria,
} from "./criteria";
import { DidRow } from "./did-row";
import { FieldRow } from "./field-row";

/** Groups deeper than this are more than anybody can read. */
const DEEPEST = 3;

interface CriteriaEditorProps {
  /** What the document holds. */
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
  readonly name: string;
  readonly within?: "score" | "any";
}

/** A rule about leads, built by clicking. */
export function CriteriaEditor({ value, onChange, name, within = "any" }: CriteriaEditorProps) {
  const group = asGroup(readCriteria(value));
  return (
    <GroupEditor
      group={group}
      depth={1}
      name={name}
      within={within}
      onChange={(next) => onChange(writeCriteria({ type: "group", group: next }))}
    />
  );
}

interface GroupEditorProps {
  readonly group: Group;
  readonly onChange: (group: Group) => void;
  readonly depth: number;
  readonly name: string;
  readonly within: "score" | "any";
}

function GroupEditor({ group, onChange, depth, name, within }: GroupEditorProps) {
  const { kind, members } = group;
  const set = (index: number, member: Criteria) =>
    onChange({ kind, members: members.map((one, at) => (at === index ? member : one)) });
  const add = (member: Criteria) => onChange({ kind, members: [...members, member] });
  return (
    <div
      className={clsx(
        "flex min-w-0 flex-col gap-1.5",
        depth > 1 && "flex-1 rounded-lg border border-border p-2",
      )}
    >
      {members.length > 1 ? (
        <Segmented
          size="small"
          label={`How the lines of ${name} combine`}
          className="self-start"
          value={kind}
          onValueChange={(next) => onChange({ kind: next, members })}
          options={[
            { value: "all", label: "All of these" },
            { value: "any", label: "Any of these" },
          ]}
        />
      ) : null}
      {members.map((member, index) => {
        const line = `line ${index + 1} of ${name}`;
        return (
          // Lines have no identity of their own; what stands in them is all there is.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <div key={index} className="flex min-w-0 items-start gap-1">
            {member.type === "field" ? (
              <FieldRow
                test={member.test}
                name={line}
                onChange={(test) => set(index, { type: "field", test })}
              />
            ) : member.type === "did" ? (
              <DidRow
                test={member.test}
                name={line}
                within={within}
                onChange={(test) => set(index, { type: "did", test })}
              />
            ) : (
              <GroupEditor
                group={member.group}
                depth={depth + 1}
                name={line}
                within={within}
                onChange={(next) => set(index, { type: "group", group: next })}
              />
            )}
            <IconButton
              icon="close"
              label={`Remove ${line}`}
              onClick={() => onChange({ kind, members: members.filter((_, at) => at !== index) })}
            />
          </div>
        );
      })}
      <div className="flex flex-wrap gap-1.5">
        <Button size="small" variant="ghost" icon="plus" onClick={() => add(EMPTY_FIELD)}>
          Field
        </Button>
        <Button size="small" variant="ghost" icon="plus" onClick={() => add(EMPTY_DID)}>
          Activity
        </Button>
        {depth < DEEPEST ? (
          <Button
            size="small"
            variant="ghost"
            icon="plus"
            onClick={() => add({ type: "group", group: { kind: "any", members: [EMPTY_FIELD] } })}
          >
            Group
          </Button>
        ) : null}
      </div>
    </div>
  );
}
