/** The plain widgets: text, number, switch, choices, secret, expression. */
import { useState } from "react";
import { isKept } from "@/document/secrets";
import { Button, Checkbox, Combobox, IconButton, Input, Select, Switch } from "@/ui";
import { typedValue } from "../condition/model";
import { choicesOf, withoutNull } from "../schema/read";
import { useFormScope } from "../scope";
import { TemplateField } from "../template/template-field";
import { controlProps, textOf, type WidgetProps } from "./widget";

export function TextWidget({ field, value, onChange, control }: WidgetProps) {
  const { readOnly } = useFormScope();
  return (
    <Input
      {...controlProps(control)}
      value={textOf(value)}
      placeholder={field.placeholder}
      readOnly={readOnly}
      autoComplete="off"
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

export function NumberWidget({ field, value, onChange, control }: WidgetProps) {
  const { readOnly } = useFormScope();
  const { minimum, maximum } = field.schema;
  // While "1." or "-" is being typed there is no number yet; the text is kept until there is.
  const [typing, setTyping] = useState<string | null>(null);
  return (
    <Input
      {...controlProps(control)}
      inputMode="decimal"
      className="max-w-36 tabular"
      value={typing ?? textOf(value)}
      placeholder={field.placeholder || limitsInWords(minimum, maximum)}
      readOnly={readOnly}
      onChange={(event) => {
        const text = event.target.value.trim();
        setTyping(text);
        const number = Number(text.replace(",", "."));
        if (text === "") onChange(undefined);
        else onChange(Number.isFinite(number) ? number : text);
      }}
      onBlur={() => setTyping(null)}
    />
  );
}

function limitsInWords(minimum: unknown, maximum: unknown): string {
  if (typeof minimum === "number" && typeof maximum === "number") return `${minimum} to ${maximum}`;
  return "";
}

/** Every zone the browser knows, found by typing its city. */
export function TimezoneWidget({ field, value, onChange, control }: WidgetProps) {
  const { readOnly } = useFormScope();
  const zone = textOf(value);
  const zones = Intl.supportedValuesOf("timeZone");
  const known = zones.includes(zone) || zone === "" ? zones : [zone, ...zones];
  return (
    <Combobox
      {...controlProps(control)}
      aria-label={zone === "" ? field.title : `${field.title}: ${zone}`}
      disabled={readOnly}
      value={zone}
      options={known.map((name) => ({ value: name, label: name.replaceAll("_", " ") }))}
      searchPlaceholder="Search a city"
      onValueChange={onChange}
    />
  );
}

export function SwitchWidget({ field, value, onChange, control }: WidgetProps) {
  const { readOnly } = useFormScope();
  const on = typeof value === "boolean" ? value : field.schema.default === true;
  return (
    <Switch
      id={control.id}
      checked={on}
      disabled={readOnly}
      onCheckedChange={onChange}
      aria-label={field.title}
      {...(control.describedBy ? { "aria-describedby": control.describedBy } : {})}
    />
  );
}

export function ChoiceWidget({ field, value, onChange, control }: WidgetProps) {
  const { readOnly } = useFormScope();
  const choices = choicesOf(field.schema);
  const chosen = choices.find((choice) => choice.value === (value ?? field.schema.default));
  const nothing = field.required || "default" in field.schema ? [] : [{ value: "", label: "Not set" }];
  return (
    <Select
      {...controlProps(control)}
      aria-label={field.title}
      disabled={readOnly}
      value={chosen ? String(chosen.value) : ""}
      onValueChange={(next) => onChange(choices.find((choice) => String(choice.value) === next)?.value)}
      options={[
        ...nothing,
        ...choices.map(({ value: option, label, description }) => ({
          value: String(option),
          label,
          ...(description ? { hint: description } : {}),
        })),
      ]}
    />
  );
}

/** Several of a fixed set. */
export function ChoicesWidget({ field, value, onChange }: WidgetProps) {
  const { readOnly } = useFormScope();
  const choices = choicesOf(withoutNull(field.schema.items ?? {}));
  const chosen = Array.isArray(value) ? value : [];
  return (
    <div className="flex flex-col gap-1.5">
      {choices.map((choice) => (
        <Checkbox
          key={String(choice.value)}
          label={choice.label}
          help={choice.description}
          disabled={readOnly}
          checked={chosen.includes(choice.value)}
          onCheckedChange={(on) =>
            onChange(
              choices
                .map((option) => option.value)
                .filter((option) => (option === choice.value ? on : chosen.includes(option))),
            )
          }
        />
      ))}
    </div>
  );
}

/** Typed by the user, kept as a sealed value; shown only while the eye is pressed. */
export function SecretWidget({ field, value, onChange, control }: WidgetProps) {
  const { readOnly } = useFormScope();
  const [shown, setShown] = useState(false);
  if (isKept(value)) {
    return (
      <div className="flex items-center gap-2">
        <span className="min-w-0 flex-1 text-sm text-muted">Kept by the server, and never shown again</span>
        {readOnly ? null : (
          <Button size="small" onClick={() => onChange("")}>
            Replace<span className="visually-hidden"> {field.title}</span>
          </Button>
        )}
      </div>
    );
  }
  return (
    <div className="flex gap-1">
      <Input
        {...controlProps(control)}
        type={shown ? "text" : "password"}
        mono
        autoComplete="new-password"
        spellCheck={false}
        value={textOf(value)}
        placeholder={field.placeholder}
        readOnly={readOnly}
        onChange={(event) => onChange(event.target.value)}
      />
      <IconButton
        icon={shown ? "eye-off" : "eye"}
        label={shown ? `Hide ${field.title}` : `Show ${field.title}`}
        aria-pressed={shown}
        onClick={() => setShown(!shown)}
      />
    </div>
  );
}

export function TemplateWidget({ field, value, onChange, control }: WidgetProps) {
  return (
    <TemplateField
      value={textOf(value)}
      onChange={onChange}
      label={field.title}
      labelledBy={control.labelId}
      describedBy={control.describedBy}
      id={control.id}
      invalid={control.invalid}
      placeholder={field.placeholder}
      multiline={field.widget === "template_long"}
    />
  );
}

/** Any typed value: a pill keeps its type, digits become a number, other text stays text. */
export function ExpressionWidget({ field, value, onChange, control }: WidgetProps) {
  return (
    <TemplateField
      value={textOf(value)}
      onChange={(text) => onChange(typedValue(text))}
      label={field.title}
      labelledBy={control.labelId}
      describedBy={control.describedBy}
      id={control.id}
      invalid={control.invalid}
      placeholder={field.placeholder}
    />
  );
}
