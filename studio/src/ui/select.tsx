import { clsx } from "clsx";
import { Select as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { Icon, type IconName } from "./icon";
import { CONTROL } from "./input";

export interface SelectOption {
  value: string;
  label: string;
  /** A second, quieter line or remark. */
  hint?: string;
  icon?: IconName;
  disabled?: boolean;
}

interface SelectProps {
  value: string | undefined;
  onValueChange: (value: string) => void;
  options: SelectOption[];
  placeholder?: string;
  disabled?: boolean;
  size?: "small" | "medium";
  className?: string;
  id?: string;
  "aria-label"?: string;
  "aria-describedby"?: string;
  "aria-invalid"?: true;
  required?: boolean;
}

// Radix keeps "" for "nothing chosen", so an option whose value is "" travels under another name.
const EMPTY = "\u0000empty";
const inward = (value: string) => (value === "" ? EMPTY : value);
const outward = (value: string) => (value === EMPTY ? "" : value);

/** One choice of a short list. For long or searchable lists use `Combobox`. An option may have the value "". */
export function Select({
  value,
  onValueChange,
  options,
  placeholder = "Choose…",
  size = "medium",
  className,
  disabled,
  required,
  ...aria
}: SelectProps) {
  const chosen = options.find((option) => option.value === value);
  return (
    <Radix.Root
      value={chosen ? inward(chosen.value) : ""}
      onValueChange={(next) => onValueChange(outward(next))}
      disabled={disabled}
      required={required}
    >
      <Radix.Trigger
        {...aria}
        className={clsx(
          CONTROL,
          "flex items-center justify-between gap-2 text-left data-placeholder:text-faint",
          size === "small" ? "h-7 px-2 text-xs" : "h-8 px-2.5 text-base",
          className,
        )}
      >
        <span className="flex min-w-0 items-center gap-1.5">
          {chosen?.icon ? <Icon name={chosen.icon} size={15} /> : null}
          <span className="truncate">
            <Radix.Value placeholder={placeholder}>{chosen?.label}</Radix.Value>
          </span>
        </span>
        <Icon name="chevron-down" size={14} className="text-faint" />
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          position="popper"
          sideOffset={4}
          collisionPadding={8}
          className="z-50 max-h-[min(360px,var(--radix-select-content-available-height))] min-w-[var(--radix-select-trigger-width)] animate-[ui-appear_0.12s] overflow-hidden rounded-lg border border-border bg-raised p-1 shadow-float"
        >
          <Radix.Viewport>
            {options.map((option) => (
              <SelectItem key={option.value} option={option} />
            ))}
          </Radix.Viewport>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

function SelectItem({ option }: { option: SelectOption }): ReactNode {
  return (
    <Radix.Item
      value={inward(option.value)}
      disabled={option.disabled}
      className="flex min-h-7 cursor-default items-center gap-2 rounded-sm py-1 pr-2 pl-2 text-sm outline-none select-none data-disabled:opacity-50 data-highlighted:bg-hover"
    >
      {option.icon ? <Icon name={option.icon} size={15} className="text-muted" /> : null}
      <span className="min-w-0 flex-1">
        <Radix.ItemText>{option.label}</Radix.ItemText>
        {option.hint ? <span className="block text-xs text-muted">{option.hint}</span> : null}
      </span>
      <Radix.ItemIndicator>
        <Icon name="check" size={14} className="text-accent-text" />
      </Radix.ItemIndicator>
    </Radix.Item>
  );
}
