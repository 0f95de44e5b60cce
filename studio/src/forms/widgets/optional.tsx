/** A record that may be left out as a whole: a switch at its title, its fields while it is on. */
import { Switch } from "@/ui";
import type { FormField } from "../schema/read";
import { initialObject, isOptionalObject } from "../schema/read";
import { useFormScope } from "../scope";

interface OptionalSwitchProps {
  readonly field: FormField;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
}

export function isOff(field: FormField, value: unknown): boolean {
  return isOptionalObject(field) && (value === null || value === undefined);
}

/** `undefined` takes the whole record out of the document. */
export function OptionalSwitch({ field, value, onChange }: OptionalSwitchProps) {
  const { readOnly } = useFormScope();
  if (!isOptionalObject(field)) return null;
  return (
    <Switch
      aria-label={field.title}
      checked={!isOff(field, value)}
      disabled={readOnly}
      onCheckedChange={(on) => onChange(on ? initialObject(field.schema) : undefined)}
    />
  );
}
