import { clsx } from "clsx";
import { DropdownMenu as Radix, ContextMenu as RadixContext } from "radix-ui";
import type { ReactNode } from "react";
import { Icon, type IconName } from "./icon";
import { Kbd } from "./kbd";

/** One line of a menu, or a rule between groups. */
export type MenuEntry =
  | {
      label: string;
      icon?: IconName;
      kbd?: string;
      danger?: boolean;
      disabled?: boolean;
      /** Shows a tick when true; leave out for plain actions. */
      checked?: boolean;
      onSelect: () => void;
    }
  | "separator"
  | { heading: string };

const PANEL =
  "z-50 min-w-[188px] animate-[ui-appear_0.12s] overflow-hidden rounded-lg border border-border bg-raised p-1 shadow-float";
const ROW =
  "flex h-7 cursor-default items-center gap-2 rounded-sm px-2 text-sm outline-none select-none data-disabled:opacity-45 data-highlighted:bg-hover";

function RowContent({ entry }: { entry: Extract<MenuEntry, { onSelect: () => void }> }) {
  return (
    <>
      {entry.icon ? (
        <Icon name={entry.icon} size={15} className={entry.danger ? undefined : "text-muted"} />
      ) : null}
      <span className="flex-1">{entry.label}</span>
      {entry.checked ? <Icon name="check" size={14} className="text-accent-text" /> : null}
      {entry.kbd ? <Kbd>{entry.kbd}</Kbd> : null}
    </>
  );
}

type Parts = Pick<typeof Radix, "Item" | "Separator" | "Label">;

function Entries({ entries, parts }: { entries: MenuEntry[]; parts: Parts }) {
  return entries.map((entry, index) => {
    if (entry === "separator") {
      // biome-ignore lint/suspicious/noArrayIndexKey: rules have no identity but their place
      return <parts.Separator key={index} className="mx-1 my-1 h-px bg-border" />;
    }
    if ("heading" in entry) {
      return (
        <parts.Label key={entry.heading} className="px-2 pt-1.5 pb-1 text-2xs font-semibold text-faint">
          {entry.heading}
        </parts.Label>
      );
    }
    return (
      <parts.Item
        key={entry.label}
        disabled={entry.disabled}
        onSelect={entry.onSelect}
        className={clsx(ROW, entry.danger && "text-bad")}
      >
        <RowContent entry={entry} />
      </parts.Item>
    );
  });
}

interface MenuProps {
  /** The button that opens it. */
  trigger: ReactNode;
  entries: MenuEntry[];
  align?: "start" | "center" | "end";
  side?: "top" | "right" | "bottom" | "left";
}

/** A drop-down of actions. */
export function Menu({ trigger, entries, align = "end", side }: MenuProps) {
  return (
    // Not modal: hiding the rest of the page from screen readers would leave focusable things inside what is hidden.
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content align={align} side={side} sideOffset={4} collisionPadding={8} className={PANEL}>
          <Entries entries={entries} parts={Radix} />
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** The same entries on right-click (or the menu key) over `children`, which must be one element taking a ref. */
export function ContextMenu({ entries, children }: { entries: MenuEntry[]; children: ReactNode }) {
  return (
    <RadixContext.Root modal={false}>
      <RadixContext.Trigger asChild>{children}</RadixContext.Trigger>
      <RadixContext.Portal>
        <RadixContext.Content collisionPadding={8} className={PANEL}>
          <Entries entries={entries} parts={RadixContext as unknown as Parts} />
        </RadixContext.Content>
      </RadixContext.Portal>
    </RadixContext.Root>
  );
}
