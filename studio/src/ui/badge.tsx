import { clsx } from "clsx";
import type { ReactNode } from "react";
import { Icon, type IconName } from "./icon";

export type Tone = "neutral" | "accent" | "ok" | "warn" | "bad";
export type Category = "trigger" | "logic" | "data" | "lead" | "connect" | "code";

const TONES: Record<Tone, string> = {
  neutral: "bg-sunken text-muted",
  accent: "bg-accent-soft text-accent-text",
  ok: "bg-ok-soft text-ok",
  warn: "bg-warn-soft text-warn",
  bad: "bg-bad-soft text-bad",
};

const PILLS: Record<Category, string> = {
  trigger: "bg-trigger-soft text-trigger-text",
  logic: "bg-logic-soft text-logic-text",
  data: "bg-data-soft text-data-text",
  lead: "bg-lead-soft text-lead-text",
  connect: "bg-connect-soft text-connect-text",
  code: "bg-code-soft text-code-text",
};

const TILES: Record<Category, string> = {
  trigger: "bg-trigger",
  logic: "bg-logic",
  data: "bg-data",
  lead: "bg-lead",
  connect: "bg-connect",
  code: "bg-code",
};

/** A state in a word or two: "Draft", "Failed", "3 changes". */
export function Chip({
  tone = "neutral",
  icon,
  dot,
  className,
  children,
}: {
  tone?: Tone;
  icon?: IconName;
  /** A small dot in the tone's colour before the words. */
  dot?: boolean;
  className?: string;
  children: ReactNode;
}) {
  return (
    <span
      className={clsx(
        "inline-flex h-[22px] items-center gap-1.5 rounded-full px-2 text-xs font-medium whitespace-nowrap",
        TONES[tone],
        className,
      )}
    >
      {dot ? <span aria-hidden className="size-1.5 rounded-full bg-current" /> : null}
      {icon ? <Icon name={icon} size={13} /> : null}
      {children}
    </span>
  );
}

/** A piece of data named by its step and field, coloured by the step's category: "Find or create lead · email". */
export function Pill({
  category,
  icon,
  title,
  className,
  children,
}: {
  category: Category;
  icon?: string;
  title?: string;
  className?: string;
  children: ReactNode;
}) {
  return (
    <span
      title={title}
      className={clsx(
        "inline-flex h-5 max-w-full items-center gap-1 rounded-[5px] px-1.5 text-xs font-medium whitespace-nowrap",
        PILLS[category],
        className,
      )}
    >
      {icon ? <Icon name={icon} size={12} /> : null}
      <span className="truncate">{children}</span>
    </span>
  );
}

/** The coloured square that says what family a step belongs to. */
export function CategoryTile({
  category,
  icon,
  size = 30,
  className,
}: {
  category: Category;
  icon: string;
  /** Edge in px. */
  size?: number;
  className?: string;
}) {
  return (
    <span
      aria-hidden
      className={clsx("grid shrink-0 place-items-center text-on-tile", TILES[category], className)}
      style={{ width: size, height: size, borderRadius: size >= 26 ? 8 : 6 }}
    >
      <Icon name={icon} size={Math.round(size * 0.6)} />
    </span>
  );
}
