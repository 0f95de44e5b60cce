/** The day on which an app ends a key or secret. */
import { Field, Input } from "@/ui";

interface EndFieldProps {
  help: string;
  /** As a date input takes it; empty for no end. */
  value: string;
  onChange: (day: string) => void;
}

export function EndField({ help, value, onChange }: EndFieldProps) {
  return (
    <Field label="Ends on" help={help}>
      {(control) => (
        <Input
          {...control}
          type="date"
          className="max-w-44"
          value={value}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
    </Field>
  );
}
