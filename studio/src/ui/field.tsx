import { clsx } from "clsx";
import { Label } from "radix-ui";
import { type ReactNode, useId } from "react";
import { Icon } from "./icon";

/** What a control inside a `Field` must carry so that label, help and error are read out with it. */
export interface FieldControlProps {
  id: string;
  "aria-describedby"?: string;
  "aria-invalid"?: true;
  required?: true;
}

interface FieldProps {
  label: ReactNode;
  /** One sentence of help under the control. */
  help?: ReactNode;
  /** What is wrong and what to do; replaces the help. */
  error?: ReactNode;
  required?: boolean;
  /** Something at the end of the label's line: a link, a switch, a counter. */
  aside?: ReactNode;
  className?: string;
  /** Gets the props that tie the control to its label: `{(control) => <Input {...control} />}`. */
  children: (control: FieldControlProps) => ReactNode;
}

/** Label, control, then help or error: the one way a control is named in the studio. */
export function Field({ label, help, error, required, aside, className, children }: FieldProps) {
  const id = useId();
  const note = error ? `${id}-error` : help ? `${id}-help` : undefined;
  const control: FieldControlProps = { id };
  if (note) control["aria-describedby"] = note;
  if (error) control["aria-invalid"] = true;
  if (required) control.required = true;
  return (
    <div className={clsx("flex flex-col gap-1", className)}>
      <div className="flex min-h-[18px] items-center justify-between gap-2">
        <Label.Root htmlFor={id} className="text-xs font-semibold text-muted">
          {label}
          {required ? (
            <span className="text-bad" aria-hidden>
              {" "}
              *
            </span>
          ) : null}
        </Label.Root>
        {aside}
      </div>
      {children(control)}
      {error ? (
        <p id={`${id}-error`} role="alert" className="flex items-start gap-1 text-xs text-bad">
          <Icon name="error" size={14} className="mt-px" />
          <span>{error}</span>
        </p>
      ) : help ? (
        <p id={`${id}-help`} className="text-xs text-muted">
          {help}
        </p>
      ) : null}
    </div>
  );
}
