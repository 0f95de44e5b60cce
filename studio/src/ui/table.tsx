import { clsx } from "clsx";
import type { ComponentPropsWithRef, KeyboardEvent } from "react";

/**
 * A plain table in the studio's dress: `<Table><thead><tr><HeadCell/>…` and `<tbody><Row><Cell/>…`.
 * Links marked `data-row-link` open their row; arrow keys go from one to the next.
 */
export function Table({ className, ...rest }: ComponentPropsWithRef<"table">) {
  return (
    <table
      className={clsx("w-full border-collapse text-sm", className)}
      onKeyDown={moveBetweenRows}
      {...rest}
    />
  );
}

function moveBetweenRows(event: KeyboardEvent<HTMLTableElement>) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  const links = [...event.currentTarget.querySelectorAll<HTMLElement>("a[data-row-link]")];
  const at = links.indexOf(document.activeElement as HTMLElement);
  const next = links[at + step];
  if (at === -1 || !next) return;
  event.preventDefault();
  next.focus();
}

export function HeadCell({
  className,
  numeric,
  ...rest
}: ComponentPropsWithRef<"th"> & { numeric?: boolean }) {
  return (
    <th
      scope="col"
      className={clsx(
        "border-b border-border px-3 py-1.5 text-xs font-medium whitespace-nowrap text-muted",
        numeric ? "text-right" : "text-left",
        className,
      )}
      {...rest}
    />
  );
}

export function Row({ className, ...rest }: ComponentPropsWithRef<"tr">) {
  return (
    <tr
      className={clsx(
        "group border-b border-border last:border-b-0 has-[a[data-row-link]]:hover:bg-hover",
        className,
      )}
      {...rest}
    />
  );
}

export function Cell({ className, numeric, ...rest }: ComponentPropsWithRef<"td"> & { numeric?: boolean }) {
  return (
    <td className={clsx("px-3 py-2 align-middle", numeric && "text-right tabular", className)} {...rest} />
  );
}
