import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { type SuppressionReason, suppressionKeys, suppressionsApi } from "@/api";
import { RefusedRows } from "@/app/refused-rows";
import { sayError } from "@/app/say-error";
import { Button, Dialog, Field, Input, Select } from "@/ui";
import { REASONS } from "./reason-words";

/** Takes in a list of a sending service, and tells what became of each row. */
export function ImportSuppressionsDialog({
  open,
  onOpenChange,
}: {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}) {
  const client = useQueryClient();
  const [file, setFile] = useState<File | null>(null);
  const [reason, setReason] = useState<SuppressionReason>("opted_out");
  const [source, setSource] = useState("");
  const read = useMutation({
    mutationFn: (csv: File) => suppressionsApi.importList(csv, { reason, source: source.trim() || csv.name }),
    onSuccess: () => client.invalidateQueries({ queryKey: suppressionKeys.all }),
    onError: sayError("The list was not imported"),
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
      title="Import a list"
      description="CSV with a column address, email, phone or domain; reason and source are read where they are there."
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
            {report.added.toLocaleString("en")} suppressed, {report.known.toLocaleString("en")} were already,{" "}
            {report.refused.toLocaleString("en")} rows hold no address.
          </p>
          <RefusedRows label="Rows without an address" problems={report.problems} />
        </div>
      ) : (
        <div className="flex flex-col gap-4">
          <Field label="CSV file">
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
          <Field label="Because" help="Where the list does not say why itself.">
            {(control) => (
              <Select
                {...control}
                value={reason}
                options={REASONS.map(({ value, label }) => ({ value, label }))}
                onValueChange={(next) => setReason(next as SuppressionReason)}
              />
            )}
          </Field>
          <Field label="Source" help="Kept as evidence; the name of the file unless you write something.">
            {(control) => (
              <Input {...control} value={source} onChange={(event) => setSource(event.target.value)} />
            )}
          </Field>
        </div>
      )}
    </Dialog>
  );
}
