import { clsx } from "clsx";
import { type KeyboardEvent, useRef } from "react";
import type { Lint, RoutingRow, RoutingTable, Rulebook, Target } from "@/api";
import { IconButton, Input, Menu, Select } from "@/ui";
import {
  addColumn,
  addRow,
  changeRow,
  FIELDS,
  HINTS,
  moveColumn,
  moveRow,
  removeColumn,
  removeRow,
  setCell,
  TARGETS,
} from "./model";

interface SheetProps {
  table: RoutingTable;
  onChange: (table: RoutingTable) => void;
  problems: Rulebook["problems"];
  lints: Lint[];
  pools: string[];
  owners: string[];
  teams: string[];
}

/**
 * The table as a sheet. Tab goes to the next cell, the arrow keys up and down to the same cell of another row, Alt with
 * an arrow moves the row, Ctrl or Cmd with Enter adds one.
 */
export function Sheet({ table, onChange, problems, lints, pools, owners, teams }: SheetProps) {
  const body = useRef<HTMLTableSectionElement>(null);
  const focus = (row: number, place: number) => {
    requestAnimationFrame(() => {
      body.current?.querySelector<HTMLElement>(`[data-cell="${row}:${place}"]`)?.focus();
    });
  };
  const onKeyDown = (event: KeyboardEvent, row: number, place: number) => {
    const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (by !== 0 && event.altKey) {
      event.preventDefault();
      onChange(moveRow(table, row, by));
      focus(Math.min(Math.max(row + by, 0), table.rows.length - 1), place);
    } else if (by !== 0) {
      event.preventDefault();
      focus(row + by, place);
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      onChange(addRow(table, row));
      focus(row, place);
    }
  };
  const unused = FIELDS.filter((known) => !table.columns.some((column) => column.field === known.field));
  return (
    <div className="overflow-x-auto">
      <table className="w-full border-collapse text-sm">
        <thead>
          <tr>
            <th
              scope="col"
              className="w-10 border-b border-border px-2 py-1.5 text-xs font-medium text-muted"
            >
              Row
            </th>
            {table.columns.map((column, place) => (
              <th
                key={column.id}
                scope="col"
                className="min-w-[150px] border-b border-l border-border px-2 py-1 text-left text-xs font-medium"
              >
                <span className="flex items-center gap-1">
                  <span className="grow">{column.title || column.field}</span>
                  <Menu
                    trigger={
                      <IconButton
                        icon="more"
                        size="small"
                        label={`Column ${column.title || column.field}`}
                        noTooltip
                      />
                    }
                    entries={[
                      {
                        label: "Move left",
                        icon: "arrow-left",
                        onSelect: () => onChange(moveColumn(table, place, -1)),
                      },
                      {
                        label: "Move right",
                        icon: "arrow-right",
                        onSelect: () => onChange(moveColumn(table, place, 1)),
                      },
                      {
                        label: "Remove column",
                        icon: "trash",
                        danger: true,
                        onSelect: () => onChange(removeColumn(table, column.id)),
                      },
                    ]}
                  />
                </span>
              </th>
            ))}
            <th
              scope="col"
              className="min-w-[280px] border-b border-l border-border px-2 py-1 text-left text-xs font-medium"
            >
              Goes to
            </th>
            <th scope="col" className="w-10 border-b border-l border-border px-1 py-1">
              <Menu
                align="end"
                trigger={<IconButton icon="plus" size="small" label="Add a column" noTooltip />}
                entries={unused.map((known) => ({
                  label: known.title,
                  onSelect: () => onChange(addColumn(table, known.field, known.title, known.kind)),
                }))}
              />
            </th>
          </tr>
        </thead>
        <tbody ref={body}>
          {table.rows.map((row, at) => {
            const notes = lints.filter((lint) => lint.row === at + 1);
            return (
              <tr key={row.id} className={clsx("align-top", row.off && "opacity-60")}>
                <th
                  scope="row"
                  className="border-b border-border px-2 py-2 text-xs font-medium text-muted tabular"
                >
                  {at + 1}
                </th>
                {table.columns.map((column, place) => {
                  const wrong = problems.find(
                    (problem) => problem.field === `/rows/${at}/cells/${column.id}`,
                  );
                  return (
                    <td key={column.id} className="border-b border-l border-border p-1">
                      <Input
                        size="small"
                        data-cell={`${at}:${place}`}
                        aria-label={`Row ${at + 1}, ${column.title || column.field}`}
                        aria-invalid={wrong ? true : undefined}
                        title={wrong?.message ?? HINTS[column.kind]}
                        placeholder="any"
                        value={row.cells?.[column.id] ?? ""}
                        onChange={(event) => onChange(setCell(table, row.id, column.id, event.target.value))}
                        onKeyDown={(event) => onKeyDown(event, at, place)}
                      />
                      {wrong ? <p className="px-1 pt-0.5 text-xs text-bad">{wrong.message}</p> : null}
                    </td>
                  );
                })}
                <td className="border-b border-l border-border p-1">
                  <TargetCell
                    row={row}
                    at={at}
                    pools={pools}
                    owners={owners}
                    teams={teams}
                    onChange={(to) => onChange(changeRow(table, row.id, (old) => ({ ...old, to })))}
                  />
                  {notes.map((lint) => (
                    <p
                      key={lint.message}
                      className={clsx(
                        "px-1 pt-0.5 text-xs",
                        lint.kind === "unreachable" ? "text-bad" : "text-warn",
                      )}
                    >
                      {lint.message}
                    </p>
                  ))}
                </td>
                <td className="border-b border-l border-border p-1">
                  <Menu
                    align="end"
                    trigger={<IconButton icon="more" size="small" label={`Row ${at + 1}`} noTooltip />}
                    entries={[
                      { label: "Add a row above", icon: "plus", onSelect: () => onChange(addRow(table, at)) },
                      {
                        label: "Move up",
                        icon: "arrow-up",
                        onSelect: () => onChange(moveRow(table, at, -1)),
                      },
                      {
                        label: "Move down",
                        icon: "arrow-down",
                        onSelect: () => onChange(moveRow(table, at, 1)),
                      },
                      {
                        label: row.off ? "Switch on" : "Switch off",
                        icon: "eye",
                        onSelect: () =>
                          onChange(changeRow(table, row.id, (old) => ({ ...old, off: !old.off }))),
                      },
                      {
                        label: "Remove row",
                        icon: "trash",
                        danger: true,
                        onSelect: () => onChange(removeRow(table, row.id)),
                      },
                    ]}
                  />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}

interface TargetCellProps {
  row: RoutingRow;
  at: number;
  pools: string[];
  owners: string[];
  teams: string[];
  onChange: (to: Target) => void;
}

function TargetCell({ row, at, pools, owners, teams, onChange }: TargetCellProps) {
  const { to } = row;
  const name = "name" in to ? to.name : "";
  const known = { pool: pools, owner: owners, team: teams, list: [], account_owner: [] }[to.kind];
  const options = [...new Set([...known, ...(name ? [name] : [])])].map((value) => ({ value, label: value }));
  return (
    <span className="flex gap-1">
      <Select
        size="small"
        className="w-[120px]"
        aria-label={`Row ${at + 1}, kind of place`}
        value={to.kind}
        options={[...TARGETS]}
        onValueChange={(kind) =>
          onChange(
            kind === "account_owner"
              ? { kind }
              : { kind: kind as Exclude<Target["kind"], "account_owner">, name: "" },
          )
        }
      />
      {to.kind === "account_owner" ? null : to.kind === "list" ? (
        <Input
          size="small"
          aria-label={`Row ${at + 1}, list`}
          value={name}
          placeholder="name of the list"
          onChange={(event) => onChange({ kind: "list", name: event.target.value })}
        />
      ) : (
        <Select
          size="small"
          className="min-w-[140px] grow"
          aria-label={`Row ${at + 1}, ${to.kind}`}
          value={name || undefined}
          options={options}
          onValueChange={(value) => onChange({ kind: to.kind, name: value })}
        />
      )}
    </span>
  );
}
