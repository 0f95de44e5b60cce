import { clsx } from "clsx";
import type { JobGroup } from "@/api";
import { fillOf, number } from "./job-words";

interface GroupBarProps {
  groups: readonly JobGroup[];
  /** The group shown below; "" for all. */
  value: string;
  onValueChange: (group: string) => void;
  /** Spoken name: "Outcomes". */
  label: string;
}

/** How many came out how, as one bar; pressing a part shows only those, pressing it again shows all. */
export function GroupBar({ groups, value, onValueChange, label }: GroupBarProps) {
  const filled = groups.filter(({ count }) => count > 0);
  const choose = (group: string) => onValueChange(group === value ? "" : group);
  const fill = (group: string) =>
    fillOf(
      group,
      groups.findIndex((one) => one.group === group),
    );
  if (filled.length === 0) return null;
  return (
    <fieldset aria-label={label} className="flex flex-col gap-2.5">
      <div aria-hidden className="flex h-3.5 gap-[3px] overflow-hidden rounded-full">
        {filled.map(({ group, count }) => (
          <button
            key={group}
            type="button"
            tabIndex={-1}
            onClick={() => choose(group)}
            // A handful among thousands must still be seen.
            style={{ flexGrow: count, minWidth: 6 }}
            className={clsx(
              "h-full basis-0 transition-opacity",
              fill(group),
              value !== "" && value !== group && "opacity-30",
            )}
          />
        ))}
      </div>
      <div className="flex flex-wrap gap-1.5">
        {filled.map(({ group, count, label }) => (
          <button
            key={group}
            type="button"
            aria-pressed={value === group}
            onClick={() => choose(group)}
            className={clsx(
              "inline-flex h-7 items-center gap-2 rounded-md border px-2.5 text-sm transition-colors",
              value === group
                ? "border-accent bg-accent-soft text-accent-text"
                : "border-border bg-surface text-text hover:bg-hover",
            )}
          >
            <span aria-hidden className={clsx("size-2 rounded-full", fill(group))} />
            <b className="font-semibold tabular">{number(count)}</b> {label}
          </button>
        ))}
      </div>
    </fieldset>
  );
}
