import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import {
  type DataRow,
  type DataTable,
  type RowOutcome,
  type RowValues,
  type TableColumn,
  tableKeys,
  tablesApi,
  useTable,
  useTableRows,
} from "@/api";
import { Page } from "@/app/page";
import { PausedSearch } from "@/app/paused-search";
import { QueryError } from "@/app/query-error";
import { sayError } from "@/app/say-error";
import { Button, Chip, EmptyState, IconButton, Loading, Menu, Skeleton, toast } from "@/ui";
import { cellValue, pastedCells } from "./column-words";
import { DefineTableDialog } from "./define-table-dialog";
import { DeleteTableDialog } from "./delete-table-dialog";
import { ImportRowsDialog } from "./import-rows-dialog";
import { Sheet } from "./sheet";

const route = getRouteApi("/shell/tables/$id");

/** Most rows of one request. */
const AT_ONCE = 500;

/** One table, edited like a sheet. */
export function TablePage() {
  const { id } = route.useParams();
  const table = useTable(id);
  if (table.isPending) {
    return (
      <Page title="Table" crumbs={[{ label: "Tables", to: "/tables" }]}>
        <Loading label="Loading the table">
          <Skeleton className="h-64 rounded-xl" />
        </Loading>
      </Page>
    );
  }
  if (table.isError) {
    return (
      <Page title="Table" crumbs={[{ label: "Tables", to: "/tables" }]}>
        <QueryError error={table.error} onRetry={() => void table.refetch()} />
      </Page>
    );
  }
  return <OpenTable key={id} table={table.data} />;
}

function OpenTable({ table }: { table: DataTable }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [search, setSearch] = useState("");
  const rows = useTableRows(table.id, search);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [open, setOpen] = useState<"define" | "import" | "delete" | null>(null);
  const items = rows.data?.pages.flatMap((page) => page.items) ?? [];
  const again = () => client.invalidateQueries({ queryKey: tableKeys.table(table.id) });
  const close = (shown: boolean) => !shown && setOpen(null);

  const edit = async (row: DataRow, column: TableColumn, value: unknown) => {
    const changes = [{ id: row.id, values: { [column.key]: value } }];
    return taken(tablesApi.editRows(table.id, changes), "The cell was not changed", again);
  };
  const add = async (values: RowValues) =>
    taken(tablesApi.addRows(table.id, [values]), "The row was not added", again);
  const remove = async () => {
    const ids = [...chosen];
    try {
      for (let at = 0; at < ids.length; at += AT_ONCE) {
        await tablesApi.removeRows(table.id, ids.slice(at, at + AT_ONCE));
      }
      setChosen(new Set());
      toast({ tone: "ok", title: ids.length === 1 ? "Deleted 1 row" : `Deleted ${ids.length} rows` });
    } catch (error) {
      sayError("The rows were not deleted")(error);
    }
    await again();
  };
  const paste = async (row: number, column: number, text: string) => {
    const changes: { id: string; values: RowValues }[] = [];
    const added: RowValues[] = [];
    pastedCells(text).forEach((cells, down) => {
      const values: RowValues = {};
      cells.forEach((cell, right) => {
        const into = table.columns[column + right];
        if (into) values[into.key] = cellValue(into.kind, cell);
      });
      const old = items[row + down];
      if (old) changes.push({ id: old.id, values });
      else added.push(values);
    });
    const count = changes.length + added.length;
    if (count > AT_ONCE) {
      toast({
        tone: "bad",
        title: `${count.toLocaleString("en")} rows are too many to paste`,
        description: `Paste ${AT_ONCE} rows at most, or import them as a CSV file.`,
      });
      return;
    }
    const outcomes: RowOutcome[] = [];
    try {
      if (changes.length > 0) outcomes.push(...(await tablesApi.editRows(table.id, changes)).items);
      if (added.length > 0) outcomes.push(...(await tablesApi.addRows(table.id, added)).items);
      tellOutcomes(outcomes);
    } catch (error) {
      sayError("The cells were not pasted")(error);
    }
    await again();
  };

  return (
    <Page
      title={table.name}
      crumbs={[{ label: "Tables", to: "/tables" }]}
      status={<Chip>{table.rows === 1 ? "1 row" : `${table.rows.toLocaleString("en")} rows`}</Chip>}
      fill
      actions={
        <>
          <Button icon="upload" onClick={() => setOpen("import")}>
            Import
          </Button>
          <Menu
            trigger={<IconButton icon="more" label="More about this table" />}
            entries={[
              { label: "Name and columns", icon: "pencil", onSelect: () => setOpen("define") },
              {
                label: "Export as CSV",
                icon: "download",
                onSelect: () => window.location.assign(tablesApi.exportAddress(table.id)),
              },
              "separator",
              { label: "Delete table", icon: "trash", danger: true, onSelect: () => setOpen("delete") },
            ]}
          />
        </>
      }
    >
      <div className="flex min-h-0 flex-1 flex-col bg-surface">
        <div className="flex items-center gap-2 border-b border-border px-3 py-2">
          <PausedSearch label="Find rows by what stands in them" value={search} onSearch={setSearch} />
          <span className="text-muted" role="status">
            {chosen.size > 0 ? `${chosen.size} chosen` : ""}
          </span>
          {chosen.size > 0 ? (
            <Button size="small" icon="trash" onClick={() => void remove()}>
              Delete {chosen.size === 1 ? "row" : "rows"}
            </Button>
          ) : null}
        </div>
        {rows.isPending ? (
          <Loading label="Loading the rows" className="p-4">
            <Skeleton className="h-40" />
          </Loading>
        ) : rows.isError ? (
          <QueryError error={rows.error} onRetry={() => void rows.refetch()} />
        ) : items.length === 0 && search !== "" ? (
          <EmptyState icon="search" title="No row matches">
            The search looks at every cell of the table.
          </EmptyState>
        ) : (
          <>
            <Sheet
              table={table}
              rows={items}
              chosen={chosen}
              onChoose={(id, next) => {
                const all = new Set(chosen);
                if (next) all.add(id);
                else all.delete(id);
                setChosen(all);
              }}
              onEdit={edit}
              onAdd={add}
              onPaste={(row, column, text) => void paste(row, column, text)}
            />
            {rows.hasNextPage ? (
              <div className="flex justify-center border-t border-border p-2">
                <Button
                  variant="ghost"
                  busy={rows.isFetchingNextPage}
                  onClick={() => void rows.fetchNextPage()}
                >
                  Show more rows
                </Button>
              </div>
            ) : null}
          </>
        )}
      </div>
      <DefineTableDialog
        open={open === "define"}
        onOpenChange={close}
        table={table}
        onSaved={() => void again()}
      />
      <ImportRowsDialog
        open={open === "import"}
        onOpenChange={close}
        table={table}
        onDone={() => void again()}
      />
      <DeleteTableDialog
        open={open === "delete"}
        onOpenChange={close}
        table={table}
        onDeleted={() => void navigate({ to: "/tables" })}
      />
    </Page>
  );
}

/** Whether the one row was taken; says why not. */
async function taken(
  asked: Promise<{ items: RowOutcome[] }>,
  otherwise: string,
  again: () => Promise<unknown>,
): Promise<boolean> {
  try {
    const [outcome] = (await asked).items;
    if (outcome?.error) {
      const { code, message, action } = outcome.error;
      toast({ tone: "bad", title: otherwise, description: `${message} ${action}`, code });
      return false;
    }
  } catch (error) {
    sayError(otherwise)(error);
    return false;
  }
  await again();
  return true;
}

function tellOutcomes(outcomes: readonly RowOutcome[]) {
  const refused = outcomes.flatMap(({ error }) => (error ? [error] : []));
  const [first] = refused;
  if (!first) {
    toast({ tone: "ok", title: outcomes.length === 1 ? "Pasted 1 row" : `Pasted ${outcomes.length} rows` });
    return;
  }
  toast({
    tone: "bad",
    title: `${refused.length} of ${outcomes.length} rows were not pasted`,
    description: `${first.message} ${first.action}`,
    code: first.code,
  });
}
