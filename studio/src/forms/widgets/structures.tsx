/** Widgets for nested shapes: records, lists of records, lists of texts, tagged unions. */
import { Select } from "@/ui";
import { keyInWords } from "../data/available";
import { pointerTo } from "../schema/problems";
import { initialObject, initialValue, variantsOf, withoutNull } from "../schema/read";
import { SchemaFields } from "../schema/schema-fields";
import { useFormScope } from "../scope";
import { TemplateField } from "../template/template-field";
import { PortsWidget } from "./ports";
import { AddRow, RowList, useRows } from "./rows";
import { recordOf, textOf, type WidgetProps } from "./widget";

export function ObjectWidget({ field, value, onChange, pointer }: WidgetProps) {
  return (
    <div className="flex flex-col gap-3 border-l-2 border-border pl-3">
      <SchemaFields schema={field.schema} config={recordOf(value)} onChange={onChange} pointer={pointer} />
    </div>
  );
}

export function RowsWidget(props: WidgetProps) {
  const { kind } = useFormScope();
  // Entries that are ways out have an id that arrows hold on to, which people should not have to know of.
  const ports = kind.ports.rule === "cases" && props.pointer === pointerTo("", kind.ports.field);
  return ports ? <PortsWidget {...props} /> : <PlainRows {...props} />;
}

function PlainRows({ field, value, onChange, pointer }: WidgetProps) {
  const items = Array.isArray(value) ? value.map(recordOf) : [];
  const rows = useRows<Record<string, unknown>>(items, onChange);
  const schema = withoutNull(field.schema.items ?? {});
  const noun = singular(field.title);
  return (
    <div className="flex flex-col gap-1">
      <RowList rows={rows} noun={noun}>
        {(item, index) => (
          <div className="flex flex-col gap-2 py-1">
            <SchemaFields
              schema={schema}
              config={item}
              onChange={(next) => rows.set(index, next)}
              pointer={pointerTo(pointer, index)}
            />
          </div>
        )}
      </RowList>
      <AddRow label={`Add ${noun}`} onAdd={() => rows.add(initialObject(schema))} />
    </div>
  );
}

export function TextsWidget({ field, value, onChange }: WidgetProps) {
  const items = Array.isArray(value) ? value : [];
  const rows = useRows<unknown>(items, onChange);
  const noun = singular(field.title);
  return (
    <div className="flex flex-col gap-1">
      <RowList rows={rows} noun={noun}>
        {(item, index) => (
          <TemplateField
            compact
            value={textOf(item)}
            label={`${noun} ${index + 1}`}
            placeholder={field.placeholder}
            onChange={(text) => rows.set(index, text)}
          />
        )}
      </RowList>
      <AddRow label={`Add ${noun}`} onAdd={() => rows.add("")} />
    </div>
  );
}

export function VariantsWidget({ field, value, onChange, pointer }: WidgetProps) {
  const { readOnly } = useFormScope();
  const variants = variantsOf(field.schema);
  const record = recordOf(value);
  const chosen = variants.find((variant) => record[variant.tag] === variant.value);
  return (
    <div className="flex flex-col gap-3">
      <Select
        aria-label={field.title}
        disabled={readOnly}
        value={chosen ? String(chosen.value) : undefined}
        options={variants.map((variant) => ({ value: String(variant.value), label: variant.title }))}
        onValueChange={(next) => {
          const variant = variants.find((option) => String(option.value) === next);
          if (variant) onChange({ [variant.tag]: variant.value, ...recordOf(initialValue(variant.schema)) });
        }}
      />
      {chosen && Object.keys(chosen.schema.properties ?? {}).length > 0 ? (
        <div className="flex flex-col gap-3 border-l-2 border-border pl-3">
          <SchemaFields schema={chosen.schema} config={record} onChange={onChange} pointer={pointer} />
        </div>
      ) : null}
    </div>
  );
}

/** "Conditions" is one "condition"; good enough for button words, titles are ours. */
function singular(title: string): string {
  const word = keyInWords(title).toLowerCase();
  return word.endsWith("ies")
    ? `${word.slice(0, -3)}y`
    : word.endsWith("s")
      ? word.slice(0, -1)
      : `entry of ${word}`;
}
