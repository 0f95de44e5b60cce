/** Changes of a routing table as people make them; each gives a new table and leaves the old one alone. */
import type { CellKind, RoutingColumn, RoutingRow, RoutingTable, Target } from "@/api";

export const FIELDS: readonly { field: string; title: string; kind: CellKind }[] = [
  { field: "country", title: "Country", kind: "text" },
  { field: "region", title: "Region", kind: "text" },
  { field: "postal_code", title: "Postal code", kind: "postal_code" },
  { field: "company_size", title: "Company size", kind: "number" },
  { field: "industry", title: "Industry", kind: "text" },
  { field: "source", title: "Source", kind: "text" },
  { field: "stage", title: "Stage", kind: "text" },
  { field: "score", title: "Score", kind: "number" },
  { field: "account.region", title: "Region of the account", kind: "text" },
  { field: "account.is_named", title: "Named account", kind: "yes_no" },
  { field: "account.size", title: "Size of the account", kind: "number" },
];

/** What leads can go to, in the order people think of it. */
export const TARGETS: readonly { value: Target["kind"]; label: string }[] = [
  { value: "pool", label: "Pool" },
  { value: "owner", label: "Owner" },
  { value: "team", label: "Team" },
  { value: "account_owner", label: "Account owner" },
  { value: "list", label: "List" },
];

/** What a cell of each kind may say, for people. */
export const HINTS: Record<CellKind, string> = {
  text: "DE, AT or acme* or not FR",
  list: "Enterprise, SMB",
  number: "50-199 or 1000+ or <50",
  postal_code: "10000-19999 or 80*",
  yes_no: "yes or no",
};

/** An id that no thing of `taken` has. */
export function freshId(prefix: string, taken: readonly { id: string }[]): string {
  const known = new Set(taken.map((thing) => thing.id));
  let number = taken.length + 1;
  while (known.has(`${prefix}${number}`)) number++;
  return `${prefix}${number}`;
}

export function newTable(): RoutingTable {
  return {
    description: "",
    first: { keep_owner: true, account_owner: true, same_account: false },
    columns: [
      { id: "c1", title: "Country", field: "country", kind: "text" },
      { id: "c2", title: "Company size", field: "company_size", kind: "number" },
    ],
    rows: [{ id: "r1", cells: {}, to: { kind: "pool", name: "" } }],
    fallback: "",
  };
}

export function setCell(table: RoutingTable, row: string, column: string, text: string): RoutingTable {
  return changeRow(table, row, (old) => {
    const { [column]: _, ...rest } = old.cells ?? {};
    return { ...old, cells: text.trim() === "" ? rest : { ...rest, [column]: text } };
  });
}

export function changeRow(
  table: RoutingTable,
  row: string,
  change: (old: RoutingRow) => RoutingRow,
): RoutingTable {
  return { ...table, rows: table.rows.map((old) => (old.id === row ? change(old) : old)) };
}

/** A new row before the place `before`; its target is that of the row there. */
export function addRow(table: RoutingTable, before: number): RoutingTable {
  const to: Target = table.rows[before]?.to ?? { kind: "pool", name: "" };
  const row: RoutingRow = { id: freshId("r", table.rows), cells: {}, to };
  return { ...table, rows: [...table.rows.slice(0, before), row, ...table.rows.slice(before)] };
}

export function moveRow(table: RoutingTable, from: number, by: -1 | 1): RoutingTable {
  const to = from + by;
  const rows = [...table.rows];
  const [row] = rows.splice(from, 1);
  if (!row || to < 0 || to > rows.length) return table;
  rows.splice(to, 0, row);
  return { ...table, rows };
}

export function removeRow(table: RoutingTable, id: string): RoutingTable {
  return { ...table, rows: table.rows.filter((row) => row.id !== id) };
}

export function addColumn(table: RoutingTable, field: string, title: string, kind: CellKind): RoutingTable {
  const column: RoutingColumn = { id: freshId("c", table.columns), title, field, kind };
  return { ...table, columns: [...table.columns, column] };
}

export function moveColumn(table: RoutingTable, from: number, by: -1 | 1): RoutingTable {
  const to = from + by;
  const columns = [...table.columns];
  const [column] = columns.splice(from, 1);
  if (!column || to < 0 || to > columns.length) return table;
  columns.splice(to, 0, column);
  return { ...table, columns };
}

export function removeColumn(table: RoutingTable, id: string): RoutingTable {
  const rows = table.rows.map((row) => {
    const { [id]: _, ...cells } = row.cells ?? {};
    return { ...row, cells };
  });
  return { ...table, rows, columns: table.columns.filter((column) => column.id !== id) };
}
