import { useState } from "react";
import type { ActionInputs, JsonSchema } from "@/api";
import { Button, Field, Input, Select, Textarea } from "@/ui";
import { count } from "./words";

interface InputsProps {
  action: ActionInputs;
  values: Record<string, string>;
  onChange: (values: Record<string, string>) => void;
}

/** The inputs of an action, those that must be given or have an example first. */
export function Inputs({ action, values, onChange }: InputsProps) {
  const [all, setAll] = useState(false);
  const fields = Object.entries(action.properties);
  // By the example and not by what is entered: a field that is being emptied stays where it is.
  const first = fields.filter(([name]) => action.required.includes(name) || name in action.example);
  const shown = all ? fields : first.length > 0 ? first : fields.slice(0, 4);
  if (fields.length === 0) return <p className="text-sm text-muted">It is given nothing.</p>;
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      {shown.map(([name, schema]) => {
        const structured = isStructured(schema.type);
        return (
          <Field
            key={name}
            label={schema.title ?? name}
            required={action.required.includes(name)}
            className={structured ? "sm:col-span-2" : ""}
            help={structured ? "As JSON." : undefined}
          >
            {(control) =>
              choicesOf(schema).length > 0 ? (
                <Select
                  {...control}
                  value={values[name] ?? ""}
                  options={[
                    { value: "", label: "Nothing" },
                    ...choicesOf(schema).map((choice) => ({ value: choice, label: choice })),
                  ]}
                  onValueChange={(value) => onChange({ ...values, [name]: value })}
                />
              ) : structured ? (
                <Textarea
                  {...control}
                  mono
                  rows={4}
                  value={values[name] ?? ""}
                  onChange={(event) => onChange({ ...values, [name]: event.target.value })}
                />
              ) : (
                <Input
                  {...control}
                  value={values[name] ?? ""}
                  onChange={(event) => onChange({ ...values, [name]: event.target.value })}
                />
              )
            }
          </Field>
        );
      })}
      {shown.length < fields.length ? (
        <div className="sm:col-span-2">
          <Button size="small" variant="ghost" className="-ml-2" onClick={() => setAll(true)}>
            {count(fields.length - shown.length, "more input")}
          </Button>
        </div>
      ) : null}
    </div>
  );
}

/** What can be chosen for an input: its choices, or yes and no. */
function choicesOf(schema: JsonSchema): string[] {
  if (Array.isArray(schema.enum)) return schema.enum.map(String);
  return schema.type === "boolean" ? ["true", "false"] : [];
}

function isStructured(type: unknown): boolean {
  return type === "object" || type === "array";
}

/** The example of an action as texts of a form. */
export function examples(action: ActionInputs): Record<string, string> {
  return Object.fromEntries(
    Object.entries(action.example)
      .filter(([name]) => name in action.properties)
      .map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value, null, 1)]),
  );
}

/** The inputs as they are sent, or what is wrong with one of them. */
export function readInputs(
  action: ActionInputs,
  texts: Record<string, string>,
): Record<string, unknown> | string {
  const input: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(texts)) {
    if (text.trim() === "") continue;
    const schema = action.properties[name];
    if (!isStructured(schema?.type)) {
      input[name] = text;
      continue;
    }
    try {
      input[name] = JSON.parse(text);
    } catch {
      return `“${schema?.title ?? name}” is not JSON.`;
    }
  }
  return input;
}
