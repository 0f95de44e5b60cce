/**
 * Fields that live in a connected app, the customer's own ones among them: filled by name, or a list of their names. The
 * server reads them through the step's connection; without an answer, fields can still be named by hand.
 */
import { useState } from "react";
import type { AppField } from "@/api";
import { Combobox, IconButton } from "@/ui";
import { messagesAt, pointerTo } from "../schema/problems";
import { useFormScope } from "../scope";
import { TemplateField } from "../template/template-field";
import { AppFieldInput, faultOf } from "./app-field-input";
import { type KnownFields, useKnownFields } from "./app-fields-known";
import { FieldShell } from "./field-shell";
import { recordOf, textOf, type WidgetProps } from "./widget";

export function AppFieldsWidget(props: WidgetProps) {
  const { field, value, onChange, control } = props;
  const { readOnly } = useFormScope();
  const isList = field.schema.type === "array";
  const isWhole = typeof value === "string" && value !== "";
  const [asWhole, setAsWhole] = useState(isWhole);
  if (asWhole || isWhole) {
    return (
      <div className="flex items-start gap-1">
        <div className="min-w-0 flex-1">
          <TemplateField
            value={textOf(value)}
            onChange={(text) => onChange(text === "" ? undefined : text)}
            label={field.title}
            labelledBy={control.labelId}
            id={control.id}
            autoFocus={!isWhole}
          />
        </div>
        {readOnly ? null : (
          <IconButton
            icon="list"
            label="Pick fields one by one"
            onClick={() => {
              setAsWhole(false);
              onChange(undefined);
            }}
          />
        )}
      </div>
    );
  }
  return isList ? (
    <FieldNames {...props} onWhole={() => setAsWhole(true)} />
  ) : (
    <FieldValues {...props} onWhole={() => setAsWhole(true)} />
  );
}

interface PartsProps extends WidgetProps {
  /** Takes all of it from an earlier step instead. */
  readonly onWhole: () => void;
}

/** A record: one control for each field that is filled or needed. */
function FieldValues(props: PartsProps) {
  const { field, value, onChange, pointer, siblings, onWhole } = props;
  const { readOnly, problems } = useFormScope();
  const known = useKnownFields(field, siblings);
  const filled = recordOf(value);
  const names = Object.keys(filled);
  const needed = known.items.filter(
    ({ name, required, writable }) => required && writable && !names.includes(name),
  );
  const set = (name: string, next: unknown) => onChange({ ...filled, [name]: next });
  const remove = (name: string) => {
    const { [name]: _, ...rest } = filled;
    onChange(Object.keys(rest).length === 0 ? undefined : rest);
  };
  const shown = [...needed.map(({ name }) => name), ...names];
  return (
    <div className="flex flex-col gap-3">
      {known.line}
      {shown.map((name) => {
        const about = known.byName.get(name);
        return (
          <FieldRow
            key={name}
            app={known.app}
            field={about ?? { name, label: name, kind: "string", writable: true, required: false }}
            missing={known.isRead && !about}
            value={filled[name]}
            pointer={pointerTo(pointer, name)}
            invalid={messagesAt(problems, pointerTo(pointer, name)).length > 0}
            onChange={(next) => set(name, next)}
            onRemove={readOnly || !(name in filled) ? undefined : () => remove(name)}
          />
        );
      })}
      <AddField
        known={known}
        fields={known.items.filter(({ name, writable }) => writable && !shown.includes(name))}
        onAdd={(name) => set(name, "")}
        onWhole={names.length === 0 ? onWhole : undefined}
      />
    </div>
  );
}

interface FieldRowProps {
  readonly app: string;
  readonly field: AppField;
  /** The app was asked and does not have it. */
  readonly missing: boolean;
  readonly value: unknown;
  readonly pointer: string;
  readonly invalid: boolean;
  readonly onChange: (value: unknown) => void;
  readonly onRemove: (() => void) | undefined;
}

function FieldRow({ app, field, missing, value, pointer, invalid, onChange, onRemove }: FieldRowProps) {
  const remark = remarkOf(app, field, missing, value);
  return (
    <FieldShell
      title={field.label}
      description={
        field.help ?? (isEmpty(value) && !field.required ? `Left empty, it is emptied in ${app}.` : "")
      }
      required={field.required}
      messages={remark ? [remark] : []}
      invalid={invalid}
      pointer={pointer}
      aside={
        <span className="flex items-center gap-1">
          {field.label === field.name ? null : (
            <span className="max-w-40 truncate font-mono text-[11px] text-faint" title={field.name}>
              {field.name}
            </span>
          )}
          {onRemove ? (
            <IconButton
              icon="close"
              size="small"
              noTooltip
              label={`Remove ${field.label}`}
              onClick={onRemove}
            />
          ) : null}
        </span>
      }
    >
      {(control) => <AppFieldInput field={field} value={value} onChange={onChange} control={control} />}
    </FieldShell>
  );
}

function isEmpty(value: unknown): boolean {
  return textOf(value).trim() === "";
}

function remarkOf(app: string, field: AppField, missing: boolean, value: unknown) {
  const warning = (message: string, action: string) => ({ severity: "warning" as const, message, action });
  if (missing)
    return warning(`${app} has no field of this name any more.`, "Remove it, or read the fields again.");
  if (!field.writable) return warning(`${app} does not let this field be written.`, "Remove it.");
  if (field.required && isEmpty(value)) return warning(`${app} needs this field.`, "Fill it in.");
  const fault = faultOf(field, value);
  return fault ? warning(fault, "Correct it, or use a field of an earlier step.") : null;
}

/** A list of names: what is to be read. */
function FieldNames(props: PartsProps) {
  const { field, value, onChange, siblings, onWhole } = props;
  const { readOnly } = useFormScope();
  const known = useKnownFields(field, siblings);
  const names = Array.isArray(value) ? value.map(textOf) : [];
  return (
    <div className="flex flex-col gap-2">
      {known.line}
      {names.length > 0 ? (
        <ul className="flex flex-wrap gap-1.5" aria-label={field.title}>
          {names.map((name) => {
            const label = known.byName.get(name)?.label ?? name;
            return (
              <li
                key={name}
                title={name}
                className="flex items-center gap-0.5 rounded-md border border-border bg-sunken py-0.5 pr-0.5 pl-2 text-sm"
              >
                {label}
                {readOnly ? null : (
                  <IconButton
                    icon="close"
                    size="small"
                    noTooltip
                    label={`Remove ${label}`}
                    onClick={() => {
                      const rest = names.filter((other) => other !== name);
                      onChange(rest.length === 0 ? undefined : rest);
                    }}
                  />
                )}
              </li>
            );
          })}
        </ul>
      ) : null}
      <AddField
        known={known}
        fields={known.items.filter(({ name }) => !names.includes(name))}
        onAdd={(name) => onChange([...names, name])}
        onWhole={names.length === 0 ? onWhole : undefined}
      />
    </div>
  );
}

const KINDS: Record<AppField["kind"], string> = {
  string: "text",
  number: "number",
  boolean: "yes or no",
  date: "date",
  choice: "choice",
};

interface AddFieldProps {
  readonly known: KnownFields;
  readonly fields: readonly AppField[];
  readonly onAdd: (name: string) => void;
  readonly onWhole: (() => void) | undefined;
}

function AddField({ known, fields, onAdd, onWhole }: AddFieldProps) {
  const { readOnly } = useFormScope();
  if (readOnly || !known.isChosen) return null;
  return (
    <div className="flex items-center gap-1">
      <div className="min-w-0 flex-1">
        <Combobox
          aria-label="Add a field"
          value={undefined}
          placeholder="Add a field…"
          searchPlaceholder={`Search the fields of ${known.app}`}
          emptyText="Nothing matches."
          options={fields.map(({ name, label, kind }) => ({
            value: name,
            label,
            hint: [KINDS[kind], label === name ? "" : name].filter(Boolean).join(" · "),
          }))}
          onValueChange={onAdd}
          onCreate={onAdd}
          createLabel={(name) => `Use “${name}”, a name ${known.app} knows`}
        />
      </div>
      {onWhole ? (
        <IconButton icon="braces" label="Use a record of an earlier step" onClick={onWhole} />
      ) : null}
    </div>
  );
}
