import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type DataTable, tablesApi } from "@/api";
import { RefusedRows } from "@/app/refused-rows";
import { sayError } from "@/app/say-error";
import { Button, Dialog, Field, Select } from "@/ui";

interface ImportRowsDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  table: DataTable;
  onDone: () => void;
}

/** Takes rows in from a CSV file and tells what became of each. */
export function ImportRowsDialog({ open, onOpenChange, table, onDone }: ImportRowsDialogProps) {
  const [file, setFile] = useState<File | null>(null);
  const [key, setKey] = useState("");
  const read = useMutation({
    mutationFn: (csv: File) => tablesApi.importRows(table.id, csv, key),
    onSuccess: onDone,
    onError: sayError("The file was not imported"),
  });
  const { reset } = read;
  useEffect(() => {
    if (!open) return;
    setFile(null);
    reset();
  }, [open, reset]);
  const report = read.data;
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Import rows"
      description="The first row of the file names the columns. A row that does not fit is left out and named."
      footer={
        report ? (
          <Button variant="primary" onClick={() => onOpenChange(false)}>
            Done
          </Button>
        ) : (
          <>
            <Button onClick={() => onOpenChange(false)}>Cancel</Button>
            <Button
              variant="primary"
              busy={read.isPending}
              disabled={!file}
              onClick={() => file && read.mutate(file)}
            >
              Import
            </Button>
          </>
        )
      }
    >
      {report ? (
        <div role="status" className="flex flex-col gap-3">
          <p className="text-base">
            {report.added.toLocaleString("en")} added, {report.changed.toLocaleString("en")} changed,{" "}
            {report.unchanged.toLocaleString("en")} were like that already,{" "}
            {report.refused.toLocaleString("en")} left out.
          </p>
          {report.ignored.length > 0 ? (
            <p className="text-muted">
              The table has no column {report.ignored.join(", ")}; it was not read.
            </p>
          ) : null}
          <RefusedRows label="Rows that were left out" problems={report.problems} />
        </div>
      ) : (
        <div className="flex flex-col gap-4">
          <Field label="CSV file" help={`Columns: ${table.columns.map(({ label }) => label).join(", ")}`}>
            {(control) => (
              <input
                {...control}
                type="file"
                accept=".csv,.tsv,.txt,text/csv"
                className="text-base"
                onChange={(event) => setFile(event.target.files?.[0] ?? null)}
              />
            )}
          </Field>
          <Field
            label="Rows that are there already"
            help="Rows are found by a column, such as an e-mail address, and changed instead of added again."
          >
            {(control) => (
              <Select
                {...control}
                value={key}
                options={[
                  { value: "", label: "Add every row of the file" },
                  ...table.columns
                    .filter(({ kind }) => kind !== "json")
                    .map((column) => ({ value: column.key, label: `Find them by ${column.label}` })),
                ]}
                onValueChange={setKey}
              />
            )}
          </Field>
        </div>
      )}
    </Dialog>
  );
}
