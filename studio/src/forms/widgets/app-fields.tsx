/**
 * What the customer has in an app, offered where a step wants it: one of its lists, people or pipelines to pick, or fields
 * of their own to fill. Everything is asked from the app through the connection the step uses; without one, or while the
 * app does not answer, names are typed.
 */
import { type AppField, useAppFields } from "@/api";
import { Combobox, type SelectOption } from "@/ui";
import { typedValue } from "../condition/model";
import { useFormScope } from "../scope";
import { TemplateField } from "../template/template-field";
import { JsonCodeWidget } from "./json-code";
import { Picker } from "./pickers";
import { AddRow, RowList, useRows } from "./rows";
import { recordOf, textOf, type WidgetProps } from "./widget";

interface Offered {
  readonly fields: readonly AppField[] | undefined;
  readonly failed: boolean;
  /** Why nothing is offered, for people. */
  readonly hint: string | null;
}

/** What the app offers for this field, as far as the form's other settings say of which kind. */
function useOffered({ field, siblings }: WidgetProps): Offered {
  const connection = textOf(siblings.connection);
  const source = textOf(field.schema["x-fields"]);
  const wanted = field.schema["x-depends"];
  const given = Object.fromEntries(
    (Array.isArray(wanted) ? wanted : []).flatMap((name) => {
      const value = textOf(siblings[String(name)]);
      // What is only known when the step runs says nothing here.
      return value === "" || value.includes("{{") ? [] : [[String(name), value]];
    }),
  );
  const known = connection !== "" && !connection.includes("{{");
  const answer = useAppFields(connection, source, given, known);
  if (!known) return { fields: [], failed: false, hint: "Choose a connection to pick from the app." };
  if (answer.isError) {
    return { fields: [], failed: true, hint: "The app did not answer; names can be typed all the same." };
  }
  return { fields: answer.data?.items, failed: false, hint: null };
}

function Hint({ text }: { readonly text: string | null }) {
  return text ? <p className="mt-1 text-xs text-muted">{text}</p> : null;
}

/** One of what the app has. The document keeps its id or internal name. */
export function AppChoiceWidget(props: WidgetProps) {
  const { fields, failed, hint } = useOffered(props);
  return (
    <>
      <Picker
        {...props}
        options={fields?.map(({ name, label }) => ({ value: name, label, hint: label === name ? "" : name }))}
        failed={failed}
        placeholder="Choose, or type a name"
        emptyText="Nothing of that name."
        onCreate={(name) => props.onChange(name)}
        createLabel={(name) => `Use “${name}”`}
      />
      <Hint text={hint} />
    </>
  );
}

interface Pair {
  readonly name: string;
  readonly value: unknown;
}

/** Fields of the app with what is written into them. */
export function AppFieldsWidget(props: WidgetProps) {
  const { value } = props;
  // A whole record out of an earlier step is written as one formula.
  if (typeof value === "string" && value.trim() !== "") return <JsonCodeWidget {...props} />;
  return <AppFieldRows {...props} />;
}

function AppFieldRows(props: WidgetProps) {
  const { field, value, onChange } = props;
  const { fields, hint } = useOffered(props);
  const { readOnly } = useFormScope();
  const isText = recordOf(field.schema.additionalProperties).type === "string";
  const pairs: Pair[] = Object.entries(recordOf(value)).map(([name, inner]) => ({ name, value: inner }));
  const rows = useRows<Pair>(pairs, (next) =>
    onChange(Object.fromEntries(next.map(({ name, value: inner }) => [name, inner]))),
  );
  const writable = (fields ?? []).filter(({ writable }) => writable);
  const used = new Set(pairs.map(({ name }) => name));
  return (
    <div className="flex flex-col gap-1">
      {pairs.length === 0 ? <p className="text-sm text-muted">No field yet.</p> : null}
      <RowList rows={rows} noun="field">
        {(pair, index) => {
          const known = writable.find(({ name }) => name === pair.name);
          const label = known?.label ?? (pair.name || `field ${index + 1}`);
          return (
            <div className="flex min-w-0 items-start gap-1.5">
              <div className="w-[40%] shrink-0">
                <Combobox
                  aria-label={`Field ${index + 1}: ${label}`}
                  disabled={readOnly}
                  value={pair.name === "" ? undefined : pair.name}
                  options={offered(writable, used, pair.name)}
                  placeholder="Field"
                  emptyText="Nothing of that name."
                  onValueChange={(name) => rows.set(index, { ...pair, name })}
                  onCreate={(name) => rows.set(index, { ...pair, name: name.trim() })}
                  createLabel={(name) => `Use “${name}”`}
                />
              </div>
              <div className="min-w-0 flex-1">
                <TemplateField
                  compact
                  value={textOf(pair.value)}
                  label={`Value of ${label}`}
                  placeholder={exampleOf(known)}
                  onChange={(text) => rows.set(index, { ...pair, value: isText ? text : typedValue(text) })}
                />
              </div>
            </div>
          );
        }}
      </RowList>
      {used.has("") ? null : <AddRow label="Add a field" onAdd={() => rows.add({ name: "", value: "" })} />}
      <Hint text={hint} />
    </div>
  );
}

/** The app's fields without those other rows have; a name the app does not know stays readable. */
function offered(fields: readonly AppField[], used: ReadonlySet<string>, own: string): SelectOption[] {
  const options = fields
    .filter(({ name }) => name === own || !used.has(name))
    .map(({ name, label }) => ({ value: name, label, hint: label === name ? "" : name }));
  const isKnown = own === "" || options.some(({ value }) => value === own);
  return isKnown ? options : [{ value: own, label: own, hint: "" }, ...options];
}

/** What a value of this field looks like: the first choices of a choice, the shape of a date. */
function exampleOf(field: AppField | undefined): string {
  switch (field?.kind) {
    case "choice": {
      const choices = Array.isArray(field.options) ? field.options : [];
      const values = choices.slice(0, 3).map((choice) => textOf(recordOf(choice).value));
      return values.filter(Boolean).join(", ") || "Type, or { for a field";
    }
    case "boolean":
      return "true or false";
    case "date":
      return "2026-03-02";
    case "number":
      return "0";
    default:
      return "Type, or { for a field";
  }
}
