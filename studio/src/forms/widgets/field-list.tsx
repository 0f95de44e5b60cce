/** The fields of a hosted form, as its visitor will meet them. */
import { useState } from "react";
import { Checkbox, IconButton, Input, Select } from "@/ui";
import { choicesOf, fieldsOf, withoutNull } from "../schema/read";
import { useFormScope } from "../scope";
import { AddRow, RowList, useRows } from "./rows";
import { recordOf, textOf, type WidgetProps } from "./widget";

type FormEntry = Record<string, unknown>;

const TYPES: Readonly<Record<string, string>> = {
  text: "One line",
  long_text: "Several lines",
  textarea: "Several lines",
  email: "E-mail",
  phone: "Phone",
  tel: "Phone",
  number: "Number",
  url: "Web address",
  date: "Date",
  select: "Choice of a list",
  choice: "Choice of a list",
  yes_no: "Tick box",
  checkbox: "Tick box",
  hidden: "Hidden",
};
const USUAL_TYPES = ["text", "email", "phone", "number", "select", "checkbox", "textarea"];

/** A visible label gives the technical name: "First name" is `first_name`. */
export function nameFromLabel(label: string): string {
  return label
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .replace(/e-mail/g, "email")
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, 40);
}

export function FieldListWidget({ field, value, onChange }: WidgetProps) {
  const entries = Array.isArray(value) ? value.map(recordOf) : [];
  const rows = useRows<FormEntry>(entries, onChange);
  const shape = fieldsOf(withoutNull(field.schema.items ?? {}));
  const typeKey = shape.find((inner) => inner.name === "type" || inner.name === "kind");
  const types = typeKey ? choicesOf(typeKey.schema).map((choice) => String(choice.value)) : USUAL_TYPES;
  const typeName = typeKey?.name ?? "type";
  return (
    <div className="flex flex-col gap-1">
      {entries.length === 0 ? (
        <p className="text-sm text-muted">
          No field yet. A form usually asks for a name and an e-mail address.
        </p>
      ) : null}
      <RowList rows={rows} noun="field">
        {(entry, index) => (
          <EntryEditor
            entry={entry}
            number={index + 1}
            typeName={typeName}
            types={types}
            onChange={(next) => rows.set(index, next)}
          />
        )}
      </RowList>
      <AddRow
        label="Add a field"
        onAdd={() => rows.add({ name: "", label: "", [typeName]: types[0] ?? "text", required: false })}
      />
    </div>
  );
}

interface EntryEditorProps {
  readonly entry: FormEntry;
  readonly number: number;
  readonly typeName: string;
  readonly types: readonly string[];
  readonly onChange: (entry: FormEntry) => void;
}

function EntryEditor({ entry, number, typeName, types, onChange }: EntryEditorProps) {
  const { readOnly } = useFormScope();
  const [open, setOpen] = useState(false);
  const label = textOf(entry.label);
  const name = textOf(entry.name);
  const type = textOf(entry[typeName]);
  const setLabel = (next: string) => {
    const followed = name === "" || name === nameFromLabel(label);
    onChange({ ...entry, label: next, ...(followed ? { name: nameFromLabel(next) } : {}) });
  };
  return (
    <div className="flex flex-col gap-1.5">
      <div className="flex items-center gap-1.5">
        <Input
          size="small"
          aria-label={`Label of field ${number}`}
          placeholder="Label, as visitors read it"
          readOnly={readOnly}
          value={label}
          onChange={(event) => setLabel(event.target.value)}
        />
        <Select
          size="small"
          className="!w-36 shrink-0"
          aria-label={`Type of field ${number}`}
          disabled={readOnly}
          value={type}
          options={types.map((option) => ({ value: option, label: TYPES[option] ?? option }))}
          onValueChange={(next) => onChange({ ...entry, [typeName]: next })}
        />
        <IconButton
          icon={open ? "chevron-up" : "chevron-down"}
          size="small"
          noTooltip
          aria-expanded={open}
          label={`More about field ${number}`}
          onClick={() => setOpen(!open)}
        />
      </div>
      {type === "select" || type === "choice" ? (
        <Input
          size="small"
          aria-label={`Options of field ${number}, separated by commas`}
          placeholder="Options, separated by commas"
          readOnly={readOnly}
          defaultValue={optionsOf(entry)}
          onBlur={(event) => onChange({ ...entry, options: splitOptions(event.target.value) })}
        />
      ) : null}
      <div className="flex items-center gap-3">
        <Checkbox
          label="Must be filled in"
          disabled={readOnly}
          checked={entry.required === true}
          onCheckedChange={(required) => onChange({ ...entry, required })}
        />
        <span className="font-mono text-xs text-faint">{name}</span>
      </div>
      {open ? (
        <div className="flex items-center gap-2 text-xs text-muted">
          <span aria-hidden className="w-24 shrink-0">
            Technical name
          </span>
          <Input
            size="small"
            aria-label={`Technical name of field ${number}`}
            mono
            spellCheck={false}
            readOnly={readOnly}
            value={name}
            onChange={(event) => onChange({ ...entry, name: event.target.value })}
          />
        </div>
      ) : null}
    </div>
  );
}

function optionsOf(entry: FormEntry): string {
  return Array.isArray(entry.options) ? entry.options.map(textOf).join(", ") : "";
}

function splitOptions(text: string): string[] {
  return text
    .split(",")
    .map((option) => option.trim())
    .filter(Boolean);
}
