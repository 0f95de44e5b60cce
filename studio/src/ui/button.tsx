import { clsx } from "clsx";
import type { ButtonHTMLAttributes, ReactNode, Ref } from "react";
import { Icon, type IconName } from "./icon";
import { Kbd } from "./kbd";
import { Spinner } from "./progress";
import { Tooltip } from "./tooltip";

type Variant = "primary" | "default" | "ghost" | "danger";

const VARIANTS: Record<Variant, string> = {
  primary: "border-accent bg-accent text-on-accent hover:border-accent-hover hover:bg-accent-hover",
  default: "border-border-strong bg-raised text-text hover:bg-hover",
  ghost: "border-transparent bg-transparent text-muted hover:bg-hover hover:text-text",
  danger: "border-border-strong bg-raised text-bad hover:border-bad-line hover:bg-bad-soft",
};

const BASE =
  "inline-flex shrink-0 items-center justify-center whitespace-nowrap border font-medium transition-colors " +
  "disabled:cursor-not-allowed disabled:opacity-50 aria-disabled:cursor-not-allowed aria-disabled:opacity-50";

interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  variant?: Variant;
  size?: "small" | "medium" | "large";
  icon?: IconName;
  /** Shows a spinner and refuses a second press; the label stays so that the width does. */
  busy?: boolean;
  /** A shortcut shown at the end, for example "⇧⌥T". */
  kbd?: string;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({
  variant = "default",
  size = "medium",
  icon,
  busy = false,
  kbd,
  className,
  children,
  disabled,
  type = "button",
  ...rest
}: ButtonProps) {
  return (
    <button
      type={type}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      className={clsx(
        BASE,
        VARIANTS[variant],
        size === "small" && "h-7 gap-1.5 rounded-sm px-2 text-xs",
        size === "medium" && "h-[30px] gap-1.5 rounded-md px-3 text-sm",
        size === "large" && "h-9 gap-2 rounded-lg px-4 text-base",
        className,
      )}
      {...rest}
    >
      {busy ? <Spinner size={14} /> : icon ? <Icon name={icon} size={size === "small" ? 14 : 16} /> : null}
      {children}
      {kbd ? <Kbd>{kbd}</Kbd> : null}
    </button>
  );
}

interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, "aria-label"> {
  icon: IconName;
  /** Said by screen readers and shown as the tooltip. */
  label: string;
  kbd?: string;
  variant?: Variant;
  size?: "small" | "medium";
  tooltipSide?: "top" | "right" | "bottom" | "left";
  /** Keep the accessible name but show no tooltip, inside menus or dense tables say. */
  noTooltip?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

export function IconButton({
  icon,
  label,
  kbd,
  variant = "ghost",
  size = "medium",
  tooltipSide,
  noTooltip,
  className,
  type = "button",
  ...rest
}: IconButtonProps): ReactNode {
  const button = (
    <button
      type={type}
      aria-label={label}
      className={clsx(
        BASE,
        VARIANTS[variant],
        size === "small" ? "size-6 rounded-sm" : "size-[30px] rounded-md",
        className,
      )}
      {...rest}
    >
      <Icon name={icon} size={size === "small" ? 14 : 17} />
    </button>
  );
  if (noTooltip) return button;
  return (
    <Tooltip label={label} kbd={kbd} side={tooltipSide}>
      {button}
    </Tooltip>
  );
}
