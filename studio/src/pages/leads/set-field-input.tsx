import { type Json, type LeadChange, useOwnFields } from "@/api";
import { LEAD_FIELDS } from "@/imports/words";
import { Combobox, Field, Input } from "@/ui";
import { OwnValueInput } from "./own-value-input";

/** Fields that tell leads apart cannot be the same for many. */
const KEYS = new Set(["email", "phone", "external_id"]);

type SetField = Extract<LeadChange, { do: "set_field" }>;

interface SetFieldInputProps {
  change: SetField | null;
  onChange: (change: SetField) => void;
}

/** Which field many leads get, and which value; an empty one empties it. */
export function SetFieldInput({ change, onChange }: SetFieldInputProps) {
  const own = useOwnFields().data ?? [];
  const typed = own.find(({ name }) => name === change?.field);
  const set = (value: Json) => {
    if (change) onChange({ ...change, value: value === "" ? null : value });
  };
  return (
    <div className="grid grid-cols-2 gap-3">
      <Field label="Field">
        {(control) => (
          <Combobox
            {...control}
            value={change?.field}
            searchPlaceholder="Search the fields"
            options={[
              ...own.map(({ name, label }) => ({ value: name, label, hint: "own field" })),
              ...LEAD_FIELDS.filter(({ name }) => !KEYS.has(name)).map(({ name, label }) => ({
                value: name,
                label,
              })),
            ]}
            onValueChange={(field) => onChange({ do: "set_field", field, value: null })}
          />
        )}
      </Field>
      {change ? (
        <Field label="Value" help="Left empty, the field is emptied.">
          {(control) =>
            typed ? (
              <OwnValueInput control={control} field={typed} value={change.value} onChange={set} />
            ) : (
              <Input
                {...control}
                value={change.value === null ? "" : String(change.value)}
                onChange={(event) => set(event.target.value)}
              />
            )
          }
        </Field>
      ) : null}
    </div>
  );
}
