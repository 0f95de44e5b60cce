import type { ReactNode } from "react";

/** A key or a chord as printed on the keyboard: `<Kbd>⌘K</Kbd>`. */
export function Kbd({ children }: { children: ReactNode }) {
  return (
    <kbd className="inline-flex h-[17px] min-w-[17px] items-center justify-center rounded-[4px] border border-border bg-surface px-1 font-mono text-[10.5px] leading-none text-faint">
      {children}
    </kbd>
  );
}
