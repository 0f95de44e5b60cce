import { Field, Input } from "@/ui";

interface NumericProps {
  label: string;
  value: number | null | undefined;
  onChange: (value: number | null) => void;
  help?: string;
  /** Whether a fraction will do. */
  fraction?: boolean;
  /** What stands for no bound. */
  placeholder?: string;
}

/** A number from 0 on, or nothing. */
export function Numeric({ label, value, onChange, help, fraction, placeholder }: NumericProps) {
  return (
    <Field label={label} {...(help ? { help } : {})}>
      {(control) => (
        <Input
          {...control}
          type="number"
          min={0}
          step={fraction ? "any" : 1}
          {...(placeholder ? { placeholder } : {})}
          value={value ?? ""}
          onChange={(event) => {
            const text = event.target.value;
            if (text === "") return onChange(null);
            const number = Math.max(0, Number(text) || 0);
            onChange(fraction ? number : Math.floor(number));
          }}
        />
      )}
    </Field>
  );
}
