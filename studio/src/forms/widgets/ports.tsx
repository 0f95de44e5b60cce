/**
 * Entries that each are a way out of the step: answers to choose from, variants of a test. People see and change their
 * names; the id that arrows hold on to is made once and stays.
 */
import { Input } from "@/ui";
import { pointerTo } from "../schema/problems";
import { type FormField, fieldsOf, initialObject, withoutNull } from "../schema/read";
import { useFormScope } from "../scope";
import { AddRow, RowList, useRows } from "./rows";
import { recordOf, textOf, type WidgetProps } from "./widget";

type Entry = Record<string, unknown>;

const FEWEST = 1;

export function PortsWidget({ field, value, onChange, pointer }: WidgetProps) {
  const { kind } = useFormScope();
  const present = value ?? kind.default_config[field.name];
  const entries = Array.isArray(present) ? present.map(recordOf) : [];
  const rows = useRows<Entry>(entries, onChange);
  const schema = withoutNull(field.schema.items ?? {});
  const weight = fieldsOf(schema).find(({ name }) => name === "weight");
  const total = entries.reduce((sum, entry) => sum + weightOf(entry, weight), 0);
  const noun = nounOf(field.title);
  return (
    <div className="flex flex-col gap-1">
      <RowList rows={rows} noun={noun} least={FEWEST}>
        {(entry, index) => (
          <EntryRow
            entry={entry}
            noun={noun}
            number={index + 1}
            weight={weight}
            share={total > 0 && weight ? Math.round((weightOf(entry, weight) / total) * 100) : null}
            pointer={pointerTo(pointer, index)}
            onChange={(next) => rows.set(index, next)}
          />
        )}
      </RowList>
      <AddRow
        label={`Add ${/^[aeiou]/.test(noun) ? "an" : "a"} ${noun}`}
        onAdd={() => {
          const id = freshPortId(entries, noun);
          rows.add({ ...initialObject(schema), id, label: "" });
        }}
      />
    </div>
  );
}

interface EntryRowProps {
  readonly entry: Entry;
  readonly noun: string;
  readonly number: number;
  readonly weight: FormField | undefined;
  /** Of a hundred. */
  readonly share: number | null;
  readonly pointer: string;
  readonly onChange: (entry: Entry) => void;
}

function EntryRow({ entry, noun, number, weight, share, pointer, onChange }: EntryRowProps) {
  const { readOnly } = useFormScope();
  return (
    <div className="flex items-center gap-2" data-field={pointer}>
      <Input
        size="small"
        className="min-w-0 flex-1"
        aria-label={`Name of ${noun} ${number}`}
        placeholder={textOf(entry.id) || `Name of the ${noun}`}
        readOnly={readOnly}
        value={textOf(entry.label)}
        onChange={(event) => onChange({ ...entry, label: event.target.value })}
      />
      {weight ? (
        <>
          <Input
            size="small"
            className="!w-16 tabular"
            inputMode="numeric"
            aria-label={`Weight of ${textOf(entry.label) || `${noun} ${number}`}`}
            readOnly={readOnly}
            value={textOf(entry.weight ?? weight.schema.default)}
            onChange={(event) => {
              const typed = event.target.value.trim();
              const amount = Number(typed);
              onChange({ ...entry, weight: typed !== "" && Number.isInteger(amount) ? amount : typed });
            }}
          />
          <span className="w-10 text-right text-xs text-muted tabular">
            {share === null ? "" : `${share}%`}
          </span>
        </>
      ) : null}
    </div>
  );
}

function weightOf(entry: Entry, weight: FormField | undefined): number {
  const value = Number(entry.weight ?? weight?.schema.default ?? 0);
  return Number.isFinite(value) ? Math.max(0, value) : 0;
}

/** Ids are never used twice, also not after an entry was removed and another added in its place. */
export function freshPortId(entries: readonly Entry[], noun: string): string {
  const taken = new Set(entries.map((entry) => textOf(entry.id)));
  const letters = [..."abcdefghijklmnopqrstuvwxyz"];
  const lettered = entries.length > 0 && [...taken].every((id) => /^[a-z]$/.test(id));
  const letter = lettered ? letters.find((one) => !taken.has(one)) : undefined;
  if (letter) return letter;
  for (let count = entries.length + 1; ; count += 1) {
    const id = `${noun.replace(/\W+/g, "_")}_${count}`;
    if (!taken.has(id)) return id;
  }
}

/** "Answers" is one "answer". */
function nounOf(title: string): string {
  const word = title.toLowerCase().replace(/s$/, "");
  return /^[a-z][a-z ]*$/.test(word) ? word : "entry";
}
