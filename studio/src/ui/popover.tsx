import { clsx } from "clsx";
import { Popover as Radix } from "radix-ui";
import type { ReactNode } from "react";

interface PopoverProps {
  /** The control that opens it; must accept a ref and props. */
  trigger: ReactNode;
  /** Spoken name of the panel. */
  label: string;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  side?: "top" | "right" | "bottom" | "left";
  align?: "start" | "center" | "end";
  className?: string;
  children: ReactNode;
}

/** A small panel beside a control: filters, pickers, short forms. Escape closes it and gives the focus back. */
export function Popover({
  trigger,
  label,
  open,
  onOpenChange,
  side,
  align = "start",
  className,
  children,
}: PopoverProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          aria-label={label}
          side={side}
          align={align}
          sideOffset={6}
          collisionPadding={8}
          className={clsx(
            "z-50 max-h-[var(--radix-popover-content-available-height)] animate-[ui-appear_0.12s] overflow-auto rounded-xl border border-border bg-raised p-3 shadow-float focus:outline-none",
            className,
          )}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
