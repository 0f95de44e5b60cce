/** The value of one field of an app, typed as the app says, or a pill in its place. */
import { useState } from "react";
import type { AppField } from "@/api";
import { Combobox, IconButton, Input, Select } from "@/ui";
import { typedValue } from "../condition/model";
import { useFormScope } from "../scope";
import { TemplateField } from "../template/template-field";
import { type ControlIds, controlProps, textOf } from "./widget";

interface AppFieldInputProps {
  readonly field: AppField;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
  readonly control: ControlIds;
}

/** True for kinds whose values have a control of their own. */
function hasControl({ kind }: AppField): boolean {
  return kind !== "string";
}

export function AppFieldInput({ field, value, onChange, control }: AppFieldInputProps) {
  const { readOnly } = useFormScope();
  const text = textOf(value);
  const [asPill, setAsPill] = useState(text.includes("{{"));
  const takesPill = asPill || !hasControl(field);
  return (
    <div className="flex items-start gap-1">
      <div className="min-w-0 flex-1">
        {takesPill ? (
          <TemplateField
            value={text}
            onChange={(next) => onChange(field.kind === "number" ? typedValue(next) : next)}
            label={field.label}
            labelledBy={control.labelId}
            describedBy={control.describedBy}
            id={control.id}
            invalid={control.invalid}
            autoFocus={asPill && text === ""}
          />
        ) : (
          <Typed field={field} value={value} onChange={onChange} control={control} />
        )}
      </div>
      {hasControl(field) && !readOnly ? (
        <IconButton
          icon={asPill ? "list" : "braces"}
          label={
            asPill ? `Enter ${field.label} by hand` : `Use a field of an earlier step for ${field.label}`
          }
          aria-pressed={asPill}
          onClick={() => {
            setAsPill(!asPill);
            if (asPill && text.includes("{{")) onChange("");
          }}
        />
      ) : null}
    </div>
  );
}

function Typed({ field, value, onChange, control }: AppFieldInputProps) {
  const { readOnly } = useFormScope();
  const text = textOf(value);
  switch (field.kind) {
    case "number":
      return <NumberInput text={text} onChange={onChange} control={control} />;
    case "date":
      return (
        <Input
          {...controlProps(control)}
          type="date"
          className="max-w-44"
          value={text}
          readOnly={readOnly}
          onChange={(event) => onChange(event.target.value)}
        />
      );
    case "boolean":
      return (
        <Select
          {...controlProps(control)}
          aria-label={field.label}
          disabled={readOnly}
          value={text}
          placeholder="Choose…"
          options={[
            { value: "true", label: "Yes" },
            { value: "false", label: "No" },
          ]}
          onValueChange={(next) => onChange(next === "true")}
        />
      );
    default:
      return <ChoiceInput field={field} text={text} onChange={onChange} control={control} />;
  }
}

interface TextInputProps {
  readonly text: string;
  readonly onChange: (value: unknown) => void;
  readonly control: ControlIds;
}

function NumberInput({ text, onChange, control }: TextInputProps) {
  const { readOnly } = useFormScope();
  // While "1." or "-" is being typed there is no number yet; the text is kept until there is.
  const [typing, setTyping] = useState<string | null>(null);
  return (
    <Input
      {...controlProps(control)}
      inputMode="decimal"
      className="max-w-44 tabular"
      value={typing ?? text}
      readOnly={readOnly}
      onChange={(event) => {
        const typed = event.target.value.trim();
        setTyping(typed);
        const number = Number(typed.replace(",", "."));
        onChange(typed === "" || !Number.isFinite(number) ? typed : number);
      }}
      onBlur={() => setTyping(null)}
    />
  );
}

function ChoiceInput({ field, text, onChange, control }: TextInputProps & { readonly field: AppField }) {
  const { readOnly } = useFormScope();
  const options = field.options ?? [];
  const chosen = options.find(({ value }) => value === text);
  const shown = text === "" || chosen ? options : [{ value: text, label: text }, ...options];
  return (
    <Combobox
      {...controlProps(control)}
      aria-label={text === "" ? field.label : `${field.label}: ${chosen?.label ?? text}`}
      disabled={readOnly}
      value={text === "" ? undefined : text}
      options={[...shown]}
      placeholder="Choose…"
      emptyText="The app has no such choice."
      onValueChange={onChange}
    />
  );
}

/** What is wrong with a value by what the app says of its field; pills are known only when the step runs. */
export function faultOf(field: AppField, value: unknown): string | null {
  const text = textOf(value).trim();
  if (text === "") return null;
  if (text.includes("{{")) return null;
  switch (field.kind) {
    case "number":
      return Number.isFinite(Number(text)) ? null : "This must be a number.";
    case "date":
      return /^\d{4}-\d{2}-\d{2}/.test(text) && !Number.isNaN(Date.parse(text))
        ? null
        : "This must be a date.";
    case "boolean":
      return text === "true" || text === "false" ? null : "This must be yes or no.";
    case "choice":
      return field.options?.some((option) => option.value === text) === false
        ? "This is none of the choices that the app offers."
        : null;
    default:
      return null;
  }
}
