import { clsx } from "clsx";
import type { ComponentPropsWithRef } from "react";

/** A plain table in the studio's dress. Compose `Table > THead/TBody > Row > HeadCell/Cell`. */
export function Table({ className, ...rest }: ComponentPropsWithRef<"table">) {
  return <table className={clsx("w-full border-collapse text-sm", className)} {...rest} />;
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
