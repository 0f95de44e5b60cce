import { clsx } from "clsx";
import type { InputHTMLAttributes, Ref, TextareaHTMLAttributes } from "react";
import { Icon, type IconName } from "./icon";

/** The box all text controls share; also for own controls that should look like one. */
export const CONTROL =
  "w-full rounded-md border border-border-strong bg-surface text-text transition-colors hover:border-control " +
  "aria-invalid:border-bad-line disabled:cursor-not-allowed disabled:bg-sunken disabled:text-muted";

interface InputProps extends Omit<InputHTMLAttributes<HTMLInputElement>, "size"> {
  icon?: IconName;
  /** Monospaced, for codes, paths and keys. */
  mono?: boolean;
  size?: "small" | "medium";
  ref?: Ref<HTMLInputElement>;
}

export function Input({ icon, mono, size = "medium", className, ...rest }: InputProps) {
  const input = (
    <input
      className={clsx(
        CONTROL,
        size === "small" ? "h-7 px-2 text-xs" : "h-8 px-2.5 text-base",
        icon && "pl-8",
        mono && "font-mono text-xs",
        !icon && className,
      )}
      {...rest}
    />
  );
  if (!icon) return input;
  return (
    <span className={clsx("relative block", className)}>
      <Icon
        name={icon}
        size={15}
        className="pointer-events-none absolute top-1/2 left-2.5 -translate-y-1/2 text-faint"
      />
      {input}
    </span>
  );
}

interface TextareaProps extends TextareaHTMLAttributes<HTMLTextAreaElement> {
  mono?: boolean;
  ref?: Ref<HTMLTextAreaElement>;
}

export function Textarea({ mono, className, rows = 4, ...rest }: TextareaProps) {
  return (
    <textarea
      rows={rows}
      className={clsx(
        CONTROL,
        "block resize-y px-2.5 py-1.5 text-base",
        mono && "font-mono text-xs",
        className,
      )}
      {...rest}
    />
  );
}

/** A search box with a magnifier; Escape empties it. */
export function SearchInput({
  value,
  onValueChange,
  label,
  placeholder,
  className,
  ref,
}: {
  value: string;
  onValueChange: (value: string) => void;
  label: string;
  placeholder?: string;
  className?: string;
  ref?: Ref<HTMLInputElement>;
}) {
  return (
    <Input
      ref={ref}
      icon="search"
      type="search"
      aria-label={label}
      placeholder={placeholder ?? label}
      value={value}
      className={className}
      autoComplete="off"
      spellCheck={false}
      onChange={(event) => onValueChange(event.target.value)}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || value === "") return;
        event.preventDefault();
        event.stopPropagation();
        onValueChange("");
      }}
    />
  );
}
