/** Rows drawn at most: a loop over ten thousand items must not freeze the page. */
export const MOST_ROWS = 400;

/** Says that rows are left out and where they can be seen. */
export function RowsLeftOut({ count }: { count: number }) {
  if (count <= 0) return null;
  return (
    <p className="border-t border-border px-4 py-2.5 text-sm text-muted">
      {count.toLocaleString("en")} more steps inside loops. Open the loop on the canvas to go through its
      items.
    </p>
  );
}
