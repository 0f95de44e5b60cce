import { clsx } from "clsx";
import type { HTMLAttributes, ReactNode } from "react";

interface CardProps extends Omit<HTMLAttributes<HTMLElement>, "title"> {
  title?: ReactNode;
  /** Quiet words after the title. */
  subtitle?: ReactNode;
  /** At the right of the title: buttons, a segmented control. */
  aside?: ReactNode;
  /** No padding around the content, for tables. */
  flush?: boolean;
}

/** A white sheet on the paper background; with a title it is a named region. */
export function Card({ title, subtitle, aside, flush, className, children, ...rest }: CardProps) {
  return (
    <section className={clsx("rounded-xl border border-border bg-surface", className)} {...rest}>
      {title || aside ? (
        <header className={clsx("flex min-h-8 flex-wrap items-center gap-2 px-4 pt-3", flush && "pb-2")}>
          <h2 className="text-[14px] font-semibold">{title}</h2>
          {subtitle ? <span className="text-muted">{subtitle}</span> : null}
          {aside ? <div className="ml-auto flex items-center gap-2">{aside}</div> : null}
        </header>
      ) : null}
      <div className={flush ? undefined : "px-4 py-3"}>{children}</div>
    </section>
  );
}

/** A grey block of the rough shape of what is still loading. Put several together inside `Loading`. */
export function Skeleton({ className }: { className?: string }) {
  return (
    <div
      aria-hidden
      className={clsx("animate-[ui-shimmer_1.4s_ease-in-out_infinite] rounded-sm bg-sunken", className)}
    />
  );
}

/** Tells a screen reader once that something is loading, around any number of skeletons. */
export function Loading({
  label,
  className,
  children,
}: {
  label: string;
  className?: string;
  children: ReactNode;
}) {
  return (
    <div role="status" aria-live="polite" className={className}>
      <span className="visually-hidden">{label}</span>
      {children}
    </div>
  );
}
