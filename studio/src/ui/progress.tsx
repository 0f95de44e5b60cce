import { clsx } from "clsx";

type Tone = "accent" | "ok" | "warn" | "bad" | "lead";

const TONES: Record<Tone, string> = {
  accent: "bg-accent",
  ok: "bg-ok-line",
  warn: "bg-warn-line",
  bad: "bg-bad-line",
  lead: "bg-lead",
};

interface ProgressProps {
  /** From 0 to `max`; leave it out while the length of the work is unknown. */
  value?: number;
  /** 100 unless told. */
  max?: number;
  /** What is progressing, for screen readers. */
  label: string;
  tone?: Tone;
  className?: string;
}

/** A bar that says how far something is, or that it is still going. */
export function Progress({ value, max = 100, label, tone = "accent", className }: ProgressProps) {
  const share = value === undefined ? 0 : Math.min(1, Math.max(0, max > 0 ? value / max : 0));
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={max}
      aria-valuenow={value}
      className={clsx("h-1.5 overflow-hidden rounded-full bg-sunken", className)}
    >
      {value === undefined ? (
        <div
          className={clsx(
            "h-full w-2/5 animate-[ui-indeterminate_1.2s_ease-in-out_infinite] rounded-full",
            TONES[tone],
          )}
        />
      ) : (
        <div
          className={clsx("h-full rounded-full transition-[width]", TONES[tone])}
          style={{ width: `${share * 100}%` }}
        />
      )}
    </div>
  );
}

/** A small turning ring for buttons and rows; it says nothing by itself, its neighbour does. */
export function Spinner({ size = 16, className }: { size?: number; className?: string }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      aria-hidden
      className={clsx("animate-[ui-spin_0.8s_linear_infinite]", className)}
      style={{ flex: "none" }}
    >
      <circle cx="12" cy="12" r="9" stroke="currentColor" strokeOpacity={0.25} strokeWidth={2.5} />
      <path d="M21 12a9 9 0 0 0-9-9" stroke="currentColor" strokeWidth={2.5} strokeLinecap="round" />
    </svg>
  );
}
