import { clsx } from "clsx";
import { Icon } from "@/ui";
import type { DataCategory } from "../data/available";
import { type Pill, pillInWords } from "./pill";

const COLOURS: Record<DataCategory, string> = {
  trigger: "bg-trigger-soft text-trigger-text",
  logic: "bg-logic-soft text-logic-text",
  data: "bg-data-soft text-data-text",
  lead: "bg-lead-soft text-lead-text",
  connect: "bg-connect-soft text-connect-text",
  code: "bg-code-soft text-code-text",
  plain: "bg-sunken text-muted",
};

/** The colours of a category's pills. */
export function pillColours(category: DataCategory): string {
  return COLOURS[category];
}

interface PillChipProps {
  pill: Pill;
  /** Drawn with a ring, while the cursor's selection covers it. */
  selected?: boolean;
  /** Only the last part of the field's name, for rows where the colour and the tooltip say the rest. */
  short?: boolean;
  className?: string;
}

/**
 * A reference as people see it. It uses no hooks, so that the text editor can draw the same chip outside of React
 * (see `static-dom`).
 */
export function PillChip({ pill, selected = false, short = false, className }: PillChipProps) {
  return (
    <span
      role="img"
      aria-label={`Field: ${pillInWords(pill)}`}
      title={titleOf(pill, short)}
      className={clsx(
        "inline-flex h-5 max-w-full items-center gap-1 rounded-[5px] px-1.5 align-middle font-sans text-xs leading-none font-medium whitespace-nowrap select-none",
        pill.known ? COLOURS[pill.category] : "bg-bad-soft text-bad",
        selected && "ring-2 ring-accent",
        className,
      )}
    >
      {pill.icon && !short ? <Icon name={pill.icon} size={12} /> : null}
      <span className="truncate leading-[20px]">{nameOf(pill, short)}</span>
      {pill.filters ? <span className="truncate leading-[20px] font-normal">{pill.filters}</span> : null}
    </span>
  );
}

function nameOf({ source, field }: Pill, short: boolean): string {
  if (field === "") return source;
  if (!short) return `${source} · ${field}`;
  const last = field.split(" · ").at(-1) ?? field;
  return last.charAt(0).toUpperCase() + last.slice(1);
}

function titleOf(pill: Pill, short: boolean): string | undefined {
  if (!pill.known) return "No earlier step provides this. It comes out empty.";
  return short ? pillInWords(pill) : undefined;
}

/** A hole that is more than a path: shown as what it is, shortened. */
export function FormulaChip({ inner, selected = false }: { inner: string; selected?: boolean }) {
  return (
    <span
      role="img"
      aria-label={`Formula: ${inner}`}
      className={clsx(
        "inline-flex h-5 max-w-full items-center gap-1 rounded-[5px] bg-sunken px-1.5 align-middle text-2xs leading-none whitespace-nowrap text-muted select-none",
        selected && "ring-2 ring-accent",
      )}
    >
      <Icon name="sigma" size={11} />
      <span className="max-w-[240px] truncate font-mono leading-[20px]">{inner}</span>
    </span>
  );
}
