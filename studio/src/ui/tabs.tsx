import { clsx } from "clsx";
import { Tabs as RadixTabs, ToggleGroup } from "radix-ui";
import type { ReactNode } from "react";

const TRACK = "inline-flex gap-0.5 rounded-lg bg-sunken p-[3px]";
const ITEM =
  "inline-flex items-center gap-1.5 whitespace-nowrap rounded-sm px-3 font-medium text-muted transition-colors hover:text-text " +
  "data-[state=active]:bg-raised data-[state=active]:text-text data-[state=active]:shadow-[0_1px_2px_rgb(0_0_0/0.1)] " +
  "data-[state=on]:bg-raised data-[state=on]:text-text data-[state=on]:shadow-[0_1px_2px_rgb(0_0_0/0.1)]";

interface TabItem {
  value: string;
  label: ReactNode;
  content: ReactNode;
  /** A small count or dot after the label. */
  badge?: ReactNode;
}

interface TabsProps {
  items: TabItem[];
  value: string;
  onValueChange: (value: string) => void;
  /** Spoken name of the tab list. */
  label: string;
  /** At the right end of the tab line, for example a button. */
  aside?: ReactNode;
  className?: string;
}

/** Panels behind tabs. For a choice without panels use `Segmented`. */
export function Tabs({ items, value, onValueChange, label, aside, className }: TabsProps) {
  return (
    <RadixTabs.Root
      value={value}
      onValueChange={onValueChange}
      className={clsx("flex min-h-0 flex-col", className)}
    >
      <div className="flex items-center justify-between gap-2">
        <RadixTabs.List aria-label={label} className={TRACK}>
          {items.map((item) => (
            <RadixTabs.Trigger key={item.value} value={item.value} className={clsx(ITEM, "h-6 text-sm")}>
              {item.label}
              {item.badge}
            </RadixTabs.Trigger>
          ))}
        </RadixTabs.List>
        {aside}
      </div>
      {items.map((item) => (
        <RadixTabs.Content key={item.value} value={item.value} className="min-h-0 flex-1 pt-3">
          {item.content}
        </RadixTabs.Content>
      ))}
    </RadixTabs.Root>
  );
}

interface SegmentedProps<Value extends string> {
  options: { value: Value; label: ReactNode }[];
  value: Value;
  onValueChange: (value: Value) => void;
  label: string;
  size?: "small" | "medium";
  className?: string;
}

/** One of a few choices, all in sight. Arrow keys move between them. */
export function Segmented<Value extends string>({
  options,
  value,
  onValueChange,
  label,
  size = "medium",
  className,
}: SegmentedProps<Value>) {
  return (
    <ToggleGroup.Root
      type="single"
      aria-label={label}
      value={value}
      // Radix reports "" when the chosen one is pressed again; one must stay chosen.
      onValueChange={(next) => next && onValueChange(next as Value)}
      className={clsx(TRACK, className)}
    >
      {options.map((option) => (
        <ToggleGroup.Item
          key={option.value}
          value={option.value}
          className={clsx(ITEM, size === "small" ? "h-5 px-2 text-xs" : "h-6 text-sm")}
        >
          {option.label}
        </ToggleGroup.Item>
      ))}
    </ToggleGroup.Root>
  );
}
