/** Draws the fields of an object schema, each with its widget, label and messages; advanced ones are folded. */
import { useId, useState } from "react";
import type { JsonSchema, StepKind } from "@/document/types";
import { Icon } from "@/ui";
import { ItemScope, KnownItem } from "../item-scope";
import { useFormScope } from "../scope";
import { FieldShell } from "../widgets/field-shell";
import { isOff, OptionalSwitch } from "../widgets/optional";
import { GROUPED, WIDGETS } from "../widgets/registry";
import { checkValue, messagesAt, pointerTo } from "./problems";
import { type FormField, fieldsOf, visibleFields, type WidgetName } from "./read";

interface SchemaFieldsProps {
  readonly schema: JsonSchema;
  readonly config: Record<string, unknown>;
  readonly onChange: (config: Record<string, unknown>) => void;
  /** Where `config` stands in the step's config; empty for the whole. */
  readonly pointer: string;
}

/**
 * In kinds that work through a list (`items`), the other fields speak of one `item` of it; they are drawn inside a
 * scope in which the list's first item is the sample.
 */
function isAboutItem(schema: JsonSchema, field: FormField, pointer: string, kind: StepKind): boolean {
  // Where steps are drawn inside, only these see the item.
  if (kind.body) return false;
  return (
    pointer === "" && field.name !== LIST_FIELD && schema.properties?.[LIST_FIELD]?.["x-ui"] === "expression"
  );
}

const LIST_FIELD = "items";

/** What `item` stands for in a field that is not about a list: the last round of a repeat, or the answer to a look. */
function itemOfField(
  kind: StepKind,
  field: FormField,
  pointer: string,
): { title: string; sample: unknown } | null {
  if (field.widget !== "condition") return null;
  if (kind.body === "per_round" && pointer === "") return { title: "Result of the round", sample: undefined };
  return pointer === "/look" ? { title: "The answer", sample: kind.output_sample } : null;
}

/** Pairs that are read as one: "2 hours", "from 9:00 to 17:00". They share a line. */
const PAIRS: readonly (readonly [string, string])[] = [
  ["amount", "unit"],
  ["opens", "closes"],
];

function inLines(fields: readonly FormField[]): FormField[][] {
  const lines: FormField[][] = [];
  for (const field of fields) {
    const before = lines.at(-1);
    const first = before?.length === 1 ? before[0]?.name : undefined;
    if (before && PAIRS.some(([left, right]) => left === first && right === field.name)) before.push(field);
    else lines.push([field]);
  }
  return lines;
}

export function SchemaFields({ schema, config, onChange, pointer }: SchemaFieldsProps) {
  const { problems, kind } = useFormScope();
  const visible = visibleFields(fieldsOf(schema), config);
  const plain = visible.filter((field) => !field.advanced);
  const advanced = visible.filter((field) => field.advanced);
  const troubled = advanced.some((field) => messagesAt(problems, pointerTo(pointer, field.name)).length > 0);
  const draw = (field: FormField) =>
    isAboutItem(schema, field, pointer, kind) ? (
      <ItemScope key={field.name} list={config[LIST_FIELD]}>
        {drawField(field)}
      </ItemScope>
    ) : itemOfField(kind, field, pointer) ? (
      <KnownItem key={field.name} {...itemOfField(kind, field, pointer)}>
        {drawField(field)}
      </KnownItem>
    ) : (
      drawField(field)
    );
  const drawField = (field: FormField) => (
    <SchemaField
      key={field.name}
      field={field}
      value={config[field.name]}
      siblings={config}
      pointer={pointerTo(pointer, field.name)}
      onChange={(value) => onChange(withValue(config, field.name, value))}
    />
  );
  return (
    <>
      {inLines(plain).map((line) =>
        line.length === 1 ? (
          line.map(draw)
        ) : (
          <div key={line[0]?.name} className="grid grid-cols-2 items-start gap-3">
            {line.map(draw)}
          </div>
        ),
      )}
      {advanced.length > 0 ? (
        <Fold title="More settings" count={advanced.length} open={troubled}>
          {advanced.map(draw)}
        </Fold>
      ) : null}
    </>
  );
}

/** `undefined` takes the key out, so that an emptied field falls back to its default. */
function withValue(config: Record<string, unknown>, name: string, value: unknown): Record<string, unknown> {
  if (value !== undefined) return { ...config, [name]: value };
  const { [name]: _, ...rest } = config;
  return rest;
}

/** The code of an expression that cannot be understood. */
const UNREADABLE = "EXP-0001";
/** Their previews say so by themselves, at once and at the very row; once is enough. */
const PREVIEWED: ReadonlySet<WidgetName> = new Set([
  "template",
  "template_long",
  "expression",
  "fields",
  "app_fields",
]);

interface SchemaFieldProps {
  readonly field: FormField;
  readonly value: unknown;
  readonly siblings: Record<string, unknown>;
  readonly pointer: string;
  readonly onChange: (value: unknown) => void;
}

function SchemaField({ field, value, siblings, pointer, onChange }: SchemaFieldProps) {
  const { problems } = useFormScope();
  // Nested structures show what belongs to their inner fields themselves.
  const drawsInside = field.widget === "object" || field.widget === "rows" || field.widget === "variants";
  const known = messagesAt(problems, pointer, drawsInside ? innerPointers(field, value, pointer) : []);
  const said = PREVIEWED.has(field.widget) ? known.filter(({ code }) => code !== UNREADABLE) : known;
  const own =
    known.length > 0 ? null : checkValue(field.schema, value ?? field.schema.default, field.required);
  const Widget = WIDGETS[field.widget];
  return (
    <FieldShell
      title={field.title}
      description={field.description}
      required={field.required}
      messages={own ? [own] : said}
      invalid={said.length < known.length}
      inline={field.widget === "switch"}
      group={GROUPED.has(field.widget)}
      pointer={pointer}
      aside={<OptionalSwitch field={field} value={value} onChange={onChange} />}
    >
      {(control) =>
        isOff(field, value) ? null : (
          <Widget
            field={field}
            value={value ?? field.schema.default}
            onChange={onChange}
            pointer={pointer}
            siblings={siblings}
            control={control}
          />
        )
      }
    </FieldShell>
  );
}

function innerPointers(field: FormField, value: unknown, pointer: string): string[] {
  if (Array.isArray(value)) return value.map((_, index) => pointerTo(pointer, index));
  const names = Object.keys(field.schema.properties ?? {});
  const present = value !== null && typeof value === "object" ? Object.keys(value) : [];
  return [...new Set([...names, ...present])].map((name) => pointerTo(pointer, name));
}

interface FoldProps {
  readonly title: string;
  readonly count: number;
  readonly open: boolean;
  readonly children: React.ReactNode;
}

/** Settings most people never need. Opens by itself when one of them has a problem. */
function Fold({ title, count, open: forced, children }: FoldProps) {
  const [opened, setOpened] = useState(false);
  const open = opened || forced;
  const id = useId();
  return (
    <div className="border-t border-border pt-2">
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        className="-ml-1 flex items-center gap-1 rounded-sm px-1 py-0.5 text-sm font-medium text-muted hover:text-text"
        onClick={() => setOpened(!open)}
      >
        <Icon name={open ? "chevron-down" : "chevron-right"} size={14} />
        {title}
        <span className="text-faint">{count}</span>
      </button>
      <div id={id} hidden={!open} className="mt-2 flex flex-col gap-4">
        {open ? children : null}
      </div>
    </div>
  );
}
