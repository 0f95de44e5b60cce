/** The rows of a table, each cell a box to type in. Arrow keys and Enter go from row to row; pasting fills a block. */
import { clsx } from "clsx";
import { type ClipboardEvent, type KeyboardEvent, useEffect, useRef, useState } from "react";
import type { DataRow, DataTable, RowValues, TableColumn } from "@/api";
import { Checkbox } from "@/ui";
import { cellText, cellValue } from "./column-words";

interface SheetProps {
  table: DataTable;
  rows: readonly DataRow[];
  chosen: ReadonlySet<string>;
  onChoose: (id: string, chosen: boolean) => void;
  /** Gives true once the server has taken the value. */
  onEdit: (row: DataRow, column: TableColumn, value: unknown) => Promise<boolean>;
  /** A block of cells was pasted over the cell at this place. */
  onPaste: (row: number, column: number, text: string) => void;
  /** Gives true once the server has taken the row. */
  onAdd: (values: RowValues) => Promise<boolean>;
}

export function Sheet({ table, rows, chosen, onChoose, onEdit, onPaste, onAdd }: SheetProps) {
  const body = useRef<HTMLTableSectionElement>(null);
  const focus = (row: number, column: number) =>
    body.current?.querySelector<HTMLElement>(`[data-cell="${row}:${column}"]`)?.focus();
  return (
    // Reachable by keyboard, so that wide tables can be scrolled without a mouse.
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region
    <section aria-label={`Rows of ${table.name}`} tabIndex={0} className="min-h-0 flex-1 overflow-auto">
      <table className="w-max min-w-full border-collapse text-sm">
        <thead className="sticky top-0 z-10 bg-surface">
          <tr>
            <th scope="col" className="w-9 border-b border-border">
              <span className="visually-hidden">Choose</span>
            </th>
            {table.columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                className="border-b border-l border-border px-2.5 py-1.5 text-left text-xs font-semibold text-muted"
              >
                {column.label}{" "}
                {column.key === column.label.toLowerCase() ? null : (
                  <span className="font-mono font-normal text-faint">{column.key}</span>
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          {rows.map((row, at) => (
            <tr
              key={row.id}
              className={clsx("border-b border-border", chosen.has(row.id) && "bg-accent-soft")}
            >
              <td className="px-2.5">
                <Checkbox
                  aria-label={`Choose row ${at + 1}`}
                  checked={chosen.has(row.id)}
                  onCheckedChange={(next) => onChoose(row.id, next)}
                />
              </td>
              {table.columns.map((column, index) => (
                <td key={column.key} className="border-l border-border p-0">
                  <SheetCell
                    label={`${column.label}, row ${at + 1}`}
                    place={`${at}:${index}`}
                    column={column}
                    value={row.values[column.key]}
                    onSave={(value) => onEdit(row, column, value)}
                    onMove={(rows) => focus(at + rows, index)}
                    onBlock={(text) => onPaste(at, index, text)}
                  />
                </td>
              ))}
            </tr>
          ))}
          <NewRow
            columns={table.columns}
            number={rows.length}
            onAdd={onAdd}
            onMove={(column) => focus(rows.length - 1, column)}
            onBlock={(column, text) => onPaste(rows.length, column, text)}
          />
        </tbody>
      </table>
    </section>
  );
}

interface SheetCellProps {
  label: string;
  place: string;
  column: TableColumn;
  value: unknown;
  onSave: (value: unknown) => Promise<boolean>;
  onMove: (rows: number) => void;
  onBlock: (text: string) => void;
}

function SheetCell({ label, place, column, value, onSave, onMove, onBlock }: SheetCellProps) {
  const shown = cellText(value);
  const [text, setText] = useState(shown);
  const [wrong, setWrong] = useState(false);
  useEffect(() => {
    setText(shown);
    setWrong(false);
  }, [shown]);
  const save = async () => {
    if (text === shown) return;
    setWrong(!(await onSave(cellValue(column.kind, text))));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Escape") {
      setText(shown);
      setWrong(false);
      return;
    }
    const rows = { Enter: event.shiftKey ? -1 : 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (rows === undefined) return;
    event.preventDefault();
    onMove(rows);
  };
  return (
    <input
      data-cell={place}
      aria-label={label}
      aria-invalid={wrong || undefined}
      spellCheck={false}
      value={text}
      className={clsx(boxOf(column), wrong && "bg-bad-soft text-bad")}
      onChange={(event) => setText(event.target.value)}
      onBlur={() => void save()}
      onKeyDown={onKeyDown}
      onPaste={blocks(onBlock)}
    />
  );
}

interface NewRowProps {
  columns: readonly TableColumn[];
  /** How many rows there are. */
  number: number;
  onAdd: (values: RowValues) => Promise<boolean>;
  /** To the row above, in this column. */
  onMove: (column: number) => void;
  onBlock: (column: number, text: string) => void;
}

/** The last row, which becomes a real one when it is left or with Enter. */
function NewRow({ columns, number, onAdd, onMove, onBlock }: NewRowProps) {
  const [texts, setTexts] = useState<Readonly<Record<string, string>>>({});
  const first = useRef<HTMLInputElement>(null);
  const busy = useRef(false);
  const add = async () => {
    const values = Object.fromEntries(
      columns
        .map((column) => [column.key, cellValue(column.kind, texts[column.key] ?? "")] as const)
        .filter(([, value]) => value !== null),
    );
    if (busy.current || Object.keys(values).length === 0) return;
    busy.current = true;
    if (await onAdd(values)) setTexts({});
    busy.current = false;
  };
  return (
    <tr
      onBlur={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget)) void add();
      }}
    >
      <td aria-hidden className="px-2.5 text-center text-faint">
        +
      </td>
      {columns.map((column, index) => (
        <td key={column.key} className="border-l border-border p-0">
          <input
            ref={index === 0 ? first : null}
            data-cell={`${number}:${index}`}
            aria-label={`${column.label} of a new row`}
            placeholder={index === 0 ? "Type to add a row" : undefined}
            spellCheck={false}
            value={texts[column.key] ?? ""}
            className={boxOf(column)}
            onChange={(event) => setTexts({ ...texts, [column.key]: event.target.value })}
            onKeyDown={(event) => {
              if (event.key === "Escape") setTexts({});
              if (event.key === "ArrowUp") onMove(index);
              if (event.key !== "Enter") return;
              event.preventDefault();
              void add().then(() => first.current?.focus());
            }}
            onPaste={blocks((text) => onBlock(index, text))}
          />
        </td>
      ))}
    </tr>
  );
}

/** How the box of a cell looks. */
function boxOf(column: TableColumn): string {
  return clsx(
    "h-8 w-full min-w-36 border-0 bg-transparent px-2.5 text-base placeholder:text-muted focus:outline-2 focus:-outline-offset-2 focus:outline-accent",
    column.kind === "number" && "text-right tabular",
    column.kind === "json" && "font-mono text-xs",
  );
}

/** Takes what was copied from several cells; a single value is pasted as text always is. */
function blocks(take: (text: string) => void) {
  return (event: ClipboardEvent) => {
    const pasted = event.clipboardData.getData("text/plain");
    if (!/[\t\n]/.test(pasted.trimEnd())) return;
    event.preventDefault();
    take(pasted);
  };
}
