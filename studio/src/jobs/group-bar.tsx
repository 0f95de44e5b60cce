import { clsx } from "clsx";
import type { ReactNode } from "react";
import type { JobGroup } from "@/api";
import { fillOf, number, titleOf } from "./job-words";

interface GroupBarProps {
  groups: readonly JobGroup[];
  /** The group shown below; "" for all. */
  value: string;
  onValueChange: (group: string) => void;
  /** Spoken name: "Outcomes". */
  label: string;
}

/** How many came out how, as one bar; pressing a part shows only those. */
export function GroupBar({ groups, value, onValueChange, label }: GroupBarProps) {
  const filled = groups.filter(({ count }) => count > 0);
  const all = filled.reduce((sum, { count }) => sum + count, 0);
  const fill = (group: string) =>
    fillOf(
      group,
      groups.findIndex((one) => one.group === group),
    );
  // All of one kind needs no bar to say so.
  if (filled.length < 2) return null;
  return (
    <fieldset aria-label={label} className="flex flex-col gap-2.5">
      <div aria-hidden className="flex h-3.5 gap-[3px] overflow-hidden rounded-full">
        {filled.map(({ group, count }) => (
          <button
            key={group}
            type="button"
            tabIndex={-1}
            onClick={() => onValueChange(group)}
            // A handful among thousands must still be seen.
            style={{ flexGrow: count, minWidth: 6 }}
            className={clsx("h-full basis-0", fill(group))}
          />
        ))}
      </div>
      <div className="flex flex-wrap gap-1.5">
        <GroupButton pressed={value === ""} onPress={() => onValueChange("")}>
          <b className="font-semibold tabular">{number(all)}</b> All
        </GroupButton>
        {filled.map((one) => (
          <GroupButton key={one.group} pressed={value === one.group} onPress={() => onValueChange(one.group)}>
            <span aria-hidden className={clsx("size-2 rounded-full", fill(one.group))} />
            <b className="font-semibold tabular">{number(one.count)}</b> {titleOf(one)}
          </GroupButton>
        ))}
      </div>
    </fieldset>
  );
}

function GroupButton({
  pressed,
  onPress,
  children,
}: {
  pressed: boolean;
  onPress: () => void;
  children: ReactNode;
}) {
  return (
    <button
      type="button"
      aria-pressed={pressed}
      onClick={onPress}
      className={clsx(
        "inline-flex h-7 items-center gap-2 rounded-md border px-2.5 text-sm transition-colors",
        pressed
          ? "border-accent bg-accent-soft text-accent-text"
          : "border-border bg-surface text-text hover:bg-hover",
      )}
    >
      {children}
    </button>
  );
}
