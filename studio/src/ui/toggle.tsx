import { clsx } from "clsx";
import { Checkbox as RadixCheckbox, Switch as RadixSwitch } from "radix-ui";
import { type ReactNode, useId } from "react";
import { Icon } from "./icon";

interface CheckboxProps {
  checked: boolean;
  onCheckedChange: (checked: boolean) => void;
  /** Visible words; leave out only when `aria-label` names the box. */
  label?: ReactNode;
  help?: ReactNode;
  disabled?: boolean;
  id?: string;
  "aria-label"?: string;
}

export function Checkbox({ checked, onCheckedChange, label, help, disabled, id, ...aria }: CheckboxProps) {
  const own = useId();
  const boxId = id ?? own;
  const box = (
    <RadixCheckbox.Root
      id={boxId}
      checked={checked}
      onCheckedChange={(next) => onCheckedChange(next === true)}
      disabled={disabled}
      aria-describedby={help ? `${boxId}-help` : undefined}
      {...aria}
      className="grid size-4 shrink-0 place-items-center rounded-[4px] border border-control bg-surface text-on-accent data-[state=checked]:border-accent data-[state=checked]:bg-accent disabled:opacity-50"
    >
      <RadixCheckbox.Indicator>
        <Icon name="check" size={13} />
      </RadixCheckbox.Indicator>
    </RadixCheckbox.Root>
  );
  if (!label) return box;
  return (
    <div className="flex items-start gap-2">
      <span className="pt-px">{box}</span>
      <label htmlFor={boxId} className="text-base">
        {label}
        {help ? (
          <span id={`${boxId}-help`} className="block text-xs text-muted">
            {help}
          </span>
        ) : null}
      </label>
    </div>
  );
}

interface SwitchProps {
  checked: boolean;
  onCheckedChange: (checked: boolean) => void;
  /** Visible words at the right; else give `aria-label`. */
  label?: ReactNode;
  disabled?: boolean;
  id?: string;
  "aria-label"?: string;
  "aria-describedby"?: string;
}

/** On or off, at once. For a choice that waits for a Save button use `Checkbox`. */
export function Switch({ checked, onCheckedChange, label, disabled, id, ...aria }: SwitchProps) {
  const own = useId();
  const switchId = id ?? own;
  const control = (
    <RadixSwitch.Root
      id={switchId}
      checked={checked}
      onCheckedChange={onCheckedChange}
      disabled={disabled}
      {...aria}
      className="h-[18px] w-8 shrink-0 rounded-full border border-control bg-sunken p-px transition-colors data-[state=checked]:border-accent data-[state=checked]:bg-accent disabled:cursor-not-allowed disabled:opacity-50"
    >
      <RadixSwitch.Thumb className="block size-3.5 rounded-full bg-control transition-transform data-[state=checked]:translate-x-3.5 data-[state=checked]:bg-on-accent" />
    </RadixSwitch.Root>
  );
  if (!label) return control;
  return (
    <span className="inline-flex items-center gap-2">
      {control}
      <label htmlFor={switchId} className={clsx("text-base", disabled && "text-muted")}>
        {label}
      </label>
    </span>
  );
}
