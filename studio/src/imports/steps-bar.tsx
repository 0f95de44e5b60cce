import { clsx } from "clsx";
import { Icon } from "@/ui";

const STEPS = [
  ["columns", "Columns and rules"],
  ["preview", "Preview"],
  ["run", "Import"],
  ["done", "Result"],
] as const;

/** Where in the import one is. */
export function StepsBar({ at }: { at: (typeof STEPS)[number][0] }) {
  const now = STEPS.findIndex(([step]) => step === at);
  return (
    <ol className="flex flex-wrap items-center gap-2 text-sm" aria-label="Steps of the import">
      {STEPS.map(([step, label], place) => (
        <li
          key={step}
          aria-current={place === now ? "step" : undefined}
          className={clsx("flex items-center gap-2", place === now ? "font-medium text-text" : "text-muted")}
        >
          {place > 0 ? <Icon name="chevron-right" size={14} /> : null}
          <span
            className={clsx(
              "grid size-5 place-items-center rounded-full text-xs font-semibold",
              place < now ? "bg-ok-soft text-ok" : place === now ? "bg-accent text-on-accent" : "bg-sunken",
            )}
          >
            {place < now ? <Icon name="check" size={12} /> : place + 1}
          </span>
          {label}
        </li>
      ))}
    </ol>
  );
}
