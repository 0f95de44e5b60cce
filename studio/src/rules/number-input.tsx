import { clsx } from "clsx";
import { useState } from "react";
import { Input } from "@/ui";

interface NumberInputProps {
  readonly value: number | undefined;
  readonly onChange: (value: number | undefined) => void;
  readonly label: string;
  readonly placeholder?: string;
  /** Whether a fraction will do. */
  readonly fraction?: boolean;
  /** With its sign, as points are written. */
  readonly signed?: boolean;
  readonly className?: string;
}

/** A number; what is typed stays until it is one. */
export function NumberInput({
  value,
  onChange,
  label,
  placeholder,
  fraction,
  signed,
  className,
}: NumberInputProps) {
  const [typing, setTyping] = useState<string | null>(null);
  const text = value === undefined ? "" : signed && value > 0 ? `+${value}` : String(value).replace("-", "−");
  return (
    <Input
      size="small"
      inputMode={fraction ? "decimal" : "numeric"}
      aria-label={label}
      {...(placeholder ? { placeholder } : {})}
      className={clsx("text-right tabular", signed && (value ?? 0) < 0 && "text-bad", className)}
      value={typing ?? text}
      onFocus={(event) => event.target.select()}
      onChange={(event) => {
        const next = event.target.value;
        setTyping(next);
        if (next.trim() === "") return onChange(undefined);
        const number = Number(next.replace("−", "-").replace(",", "."));
        if (Number.isFinite(number) && (fraction || Number.isInteger(number))) onChange(number);
      }}
      onBlur={() => setTyping(null)}
    />
  );
}
