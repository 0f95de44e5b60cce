/** A list of records read as a table; the wrapping record around a single list is looked through. */
export interface ValueAsTable {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
  /** The field that held the list, if it was wrapped. */
  readonly of?: string;
}

/** `null` when the value does not read as a table. */
export function tableOf(value: unknown): ValueAsTable | null {
  if (Array.isArray(value)) return fromList(value);
  if (value === null || typeof value !== "object") return null;
  const lists = Object.entries(value).flatMap(([name, inner]) => {
    const table = Array.isArray(inner) ? fromList(inner) : null;
    return table ? [{ ...table, of: name }] : [];
  });
  return lists.length === 1 ? (lists[0] ?? null) : null;
}

function fromList(list: readonly unknown[]): ValueAsTable | null {
  const records = list.filter(
    (item): item is Record<string, unknown> =>
      item !== null && typeof item === "object" && !Array.isArray(item),
  );
  if (records.length === 0 || records.length !== list.length) return null;
  const columns = [...new Set(records.flatMap((record) => Object.keys(record)))];
  return { columns, rows: records.map((record) => columns.map((column) => record[column])) };
}
