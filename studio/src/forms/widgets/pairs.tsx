/** Ordered name and value rows: the fields a step sets, and the headers of a request. */
import { Input } from "@/ui";
import { typedValue } from "../condition/model";
import { useFormScope } from "../scope";
import { TemplateField } from "../template/template-field";
import { AddRow, RowList, useRows } from "./rows";
import { recordOf, textOf, type WidgetProps } from "./widget";

interface Pair {
  readonly name: string;
  readonly value: unknown;
  /** Whatever else the row holds in the document is kept. */
  readonly rest: Record<string, unknown>;
}

interface PairsProps extends WidgetProps {
  readonly noun: string;
  readonly add: string;
  readonly namePlaceholder: string;
  readonly empty: string;
  /** Header values are always text; field values are typed. */
  readonly typed: boolean;
}

function PairsEditor({ value, onChange, noun, add, namePlaceholder, empty, typed }: PairsProps) {
  const { readOnly } = useFormScope();
  const asMap = value !== null && typeof value === "object" && !Array.isArray(value);
  const pairs = pairsOf(value);
  const rows = useRows<Pair>(pairs, (next) => onChange(asMap ? mapOf(next) : next.map(rowOf)));
  return (
    <div className="flex flex-col gap-1">
      {pairs.length === 0 ? <p className="text-sm text-muted">{empty}</p> : null}
      <RowList rows={rows} noun={noun}>
        {(pair, index) => (
          <div className="flex min-w-0 items-start gap-1.5">
            <Input
              size="small"
              className="!w-[34%] shrink-0"
              mono
              aria-label={`Name of ${noun} ${index + 1}`}
              placeholder={namePlaceholder}
              spellCheck={false}
              readOnly={readOnly}
              value={pair.name}
              onChange={(event) => rows.set(index, { ...pair, name: event.target.value })}
            />
            <div className="min-w-0 flex-1">
              <TemplateField
                compact
                value={textOf(pair.value)}
                label={`Value of ${pair.name || `${noun} ${index + 1}`}`}
                placeholder="Type, or { for a field"
                onChange={(text) => rows.set(index, { ...pair, value: typed ? typedValue(text) : text })}
              />
            </div>
          </div>
        )}
      </RowList>
      <AddRow label={add} onAdd={() => rows.add({ name: "", value: "", rest: {} })} />
    </div>
  );
}

/** Reads rows, or a plain map as headers are sometimes kept. */
export function pairsOf(value: unknown): Pair[] {
  if (Array.isArray(value)) {
    return value.map((row) => {
      const { name, value: inner, ...rest } = recordOf(row);
      return { name: textOf(name), value: inner, rest };
    });
  }
  return Object.entries(recordOf(value)).map(([name, inner]) => ({ name, value: inner, rest: {} }));
}

function rowOf({ name, value, rest }: Pair): Record<string, unknown> {
  return { ...rest, name, value };
}

function mapOf(pairs: readonly Pair[]): Record<string, unknown> {
  return Object.fromEntries(pairs.map(({ name, value }) => [name, value]));
}

export function FieldsWidget(props: WidgetProps) {
  return (
    <PairsEditor
      {...props}
      typed
      noun="field"
      add="Add a field"
      namePlaceholder="name"
      empty="No field yet. Each row gives a field its name and its value."
    />
  );
}

export function HeadersWidget(props: WidgetProps) {
  return (
    <PairsEditor
      {...props}
      typed={false}
      noun="header"
      add="Add a header"
      namePlaceholder="X-Header"
      empty="No header of your own; the usual ones are sent anyway."
    />
  );
}
