import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useState } from "react";
import { type ColumnKind, type DataTable, type TableDefinition, tableKeys, tablesApi } from "@/api";
import { sayError } from "@/app/say-error";
import { Button, Dialog, Field, IconButton, Input, Select } from "@/ui";
import { KINDS } from "./column-words";

interface Draft {
  id: number;
  key?: string;
  label: string;
  kind: ColumnKind;
}

let lastId = 0;
const draft = (column: Omit<Draft, "id">): Draft => ({ id: ++lastId, ...column });

interface DefineTableDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** The table to change; a new one without. */
  table?: DataTable;
  onSaved: (table: DataTable) => void;
}

/** Names a table and its columns. */
export function DefineTableDialog({ open, onOpenChange, table, onSaved }: DefineTableDialogProps) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [columns, setColumns] = useState<Draft[]>([]);
  useEffect(() => {
    if (!open) return;
    setName(table?.name ?? "");
    setColumns(table ? table.columns.map((column) => draft(column)) : [draft({ label: "", kind: "text" })]);
  }, [open, table]);
  const definition: TableDefinition = {
    name: name.trim(),
    columns: columns
      .filter(({ label }) => label.trim() !== "")
      .map(({ key, label, kind }) => ({ ...(key ? { key } : {}), label: label.trim(), kind })),
  };
  const gone = table?.columns.filter(({ key }) => !columns.some((column) => column.key === key)) ?? [];
  const save = useMutation({
    mutationFn: () => (table ? tablesApi.change(table.id, definition) : tablesApi.create(definition)),
    onSuccess: async (saved) => {
      onOpenChange(false);
      await client.invalidateQueries({ queryKey: tableKeys.tables });
      onSaved(saved);
    },
    onError: sayError(table ? "The table was not changed" : "The table was not made"),
  });
  const complete = definition.name !== "" && definition.columns.length > 0;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (complete) save.mutate();
  };
  const change = (id: number, next: Partial<Draft>) =>
    setColumns(columns.map((column) => (column.id === id ? { ...column, ...next } : column)));

  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title={table ? "Name and columns" : "New table"}
      description={
        table
          ? "A column that is renamed keeps its technical name, so workflows go on finding it."
          : "A table is a sheet that workflows can read and write, such as prices, territories or quotas."
      }
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button
            type="submit"
            form="define-table"
            variant="primary"
            busy={save.isPending}
            disabled={!complete}
          >
            {table ? "Save" : "Make the table"}
          </Button>
        </>
      }
    >
      <form id="define-table" onSubmit={submit} className="flex flex-col gap-4">
        <Field label="Name" help="Steps name the table by this.">
          {(control) => (
            <Input
              {...control}
              value={name}
              placeholder="Territories"
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </Field>
        <fieldset className="flex flex-col gap-1.5">
          <legend className="mb-1 text-xs font-semibold text-muted">Columns</legend>
          {columns.map((column, index) => (
            <div key={column.id} className="flex items-center gap-1.5">
              <Input
                aria-label={`Name of column ${index + 1}`}
                placeholder={index === 0 ? "Country" : "Another column"}
                value={column.label}
                onChange={(event) => change(column.id, { label: event.target.value })}
              />
              <Select
                className="!w-36 shrink-0"
                aria-label={`What column ${index + 1} holds`}
                value={column.kind}
                disabled={column.key !== undefined}
                options={[...KINDS]}
                onValueChange={(kind) => change(column.id, { kind: kind as ColumnKind })}
              />
              <IconButton
                icon="close"
                noTooltip
                label={`Remove column ${index + 1}`}
                disabled={columns.length === 1}
                onClick={() => setColumns(columns.filter(({ id }) => id !== column.id))}
              />
            </div>
          ))}
          <Button
            size="small"
            variant="ghost"
            icon="plus"
            className="self-start text-accent-text"
            onClick={() => setColumns([...columns, draft({ label: "", kind: "text" })])}
          >
            Add a column
          </Button>
        </fieldset>
        {gone.length > 0 ? (
          <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-sm text-bad">
            Saving deletes everything that stands in {gone.map(({ label }) => `“${label}”`).join(", ")}. This
            cannot be undone.
          </p>
        ) : null}
      </form>
    </Dialog>
  );
}
