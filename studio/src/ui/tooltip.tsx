import { Tooltip as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { Kbd } from "./kbd";

interface TooltipProps {
  label: ReactNode;
  kbd?: string;
  side?: "top" | "right" | "bottom" | "left";
  /** One focusable element; the tooltip opens on hover and on keyboard focus. */
  children: ReactNode;
}

/** Short words about one control. Never the only place where something needed is said. */
export function Tooltip({ label, kbd, side = "bottom", children }: TooltipProps) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="z-60 flex max-w-72 animate-[ui-fade_0.12s] items-center gap-2 rounded-sm bg-text px-2 py-1 text-xs font-medium text-inverse shadow-float select-none"
        >
          {label}
          {kbd ? <Kbd>{kbd}</Kbd> : null}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Wraps the app once; tooltips inside share their opening delay. */
export function TooltipProvider({ children }: { children: ReactNode }) {
  return (
    <Radix.Provider delayDuration={350} skipDelayDuration={150}>
      {children}
    </Radix.Provider>
  );
}
