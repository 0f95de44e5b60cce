import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ChangeEvent, useRef, useState } from "react";
import { type AccountImport, accountKeys, accountsApi, tell } from "@/api";
import { Button, Cell, Dialog, HeadCell, Row, Select, Table, toast } from "@/ui";
import { count } from "./words";

const FIELDS: { value: string; label: string }[] = [
  { value: "-", label: "Leave out" },
  { value: "name", label: "Name" },
  { value: "domains", label: "Domains" },
  { value: "website", label: "Website" },
  { value: "aliases", label: "Other names" },
  { value: "external_ids.crm", label: "Id in the CRM" },
  { value: "owner", label: "Owner" },
  { value: "parent", label: "Part of (parent account)" },
  { value: "region", label: "Region" },
  { value: "country", label: "Country" },
  { value: "city", label: "City" },
  { value: "postal_code", label: "Postal code" },
  { value: "street", label: "Street" },
  { value: "industry", label: "Industry" },
  { value: "size", label: "People who work there" },
  { value: "is_named", label: "Named account" },
  { value: "opportunity_stage", label: "Stage of the open opportunity" },
  { value: "opportunity_amount", label: "Amount of the open opportunity" },
];

/** Longest table the server takes, in bytes. */
const LARGEST = 15 * 1024 * 1024;

/** From a file to accounts: choose it, say what its columns are, see what would happen, import. */
export function ImportDialog({ onClose }: { onClose: () => void }) {
  const client = useQueryClient();
  const input = useRef<HTMLInputElement>(null);
  const [file, setFile] = useState<{ name: string; text: string } | null>(null);
  const [mapping, setMapping] = useState<Record<string, string> | null>(null);
  const [wrong, setWrong] = useState("");

  const look = useMutation({
    mutationFn: (wanted: { text: string; mapping?: Record<string, string> }) =>
      accountsApi.importTable({ ...wanted, dry: true }),
    onSuccess: ({ columns }) =>
      setMapping(Object.fromEntries(columns.map((column) => [column.name, column.field]))),
  });
  const bring = useMutation({
    mutationFn: () => accountsApi.importTable({ text: file?.text ?? "", mapping: mapping ?? {}, dry: false }),
    onSuccess: async (done) => {
      await client.invalidateQueries({ queryKey: accountKeys.all });
      const failed = done.failed > 0 ? `, ${count(done.failed, "row")} could not be taken` : "";
      toast({
        tone: "ok",
        title: `${count(done.created, "account")} created, ${done.changed.toLocaleString("en")} changed${failed}`,
      });
      if (done.failed === 0) onClose();
    },
  });

  const take = async (event: ChangeEvent<HTMLInputElement>) => {
    const chosen = event.target.files?.[0];
    event.target.value = "";
    if (!chosen) return;
    if (chosen.size > LARGEST) {
      setWrong("The file is larger than 15 MB. Cut it into several files.");
      return;
    }
    setWrong("");
    bring.reset();
    const text = await chosen.text();
    setFile({ name: chosen.name, text });
    setMapping(null);
    look.mutate({ text });
  };
  const map = (column: string, field: string) => {
    if (!file) return;
    const next = { ...mapping, [column]: field === "-" ? "" : field };
    setMapping(next);
    look.mutate({ text: file.text, mapping: next });
  };

  const seen = bring.data ?? look.data;
  const error = bring.error ?? look.error;
  const told = error ? tell(error) : null;
  const identified = Object.values(mapping ?? {}).some((field) =>
    ["name", "domains", "website", "external_ids.crm"].includes(field),
  );
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title="Import accounts"
      description="A CSV file with a header row. Accounts that are there already are filled where they are empty."
      width="large"
      footer={
        <>
          <Button onClick={onClose}>{bring.data ? "Close" : "Cancel"}</Button>
          {bring.data ? null : (
            <Button
              variant="primary"
              busy={bring.isPending}
              disabled={!file || !identified || look.isPending}
              onClick={() => bring.mutate()}
            >
              {seen && file ? `Import ${count(seen.rows, "row")}` : "Import"}
            </Button>
          )}
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <div className="flex items-center gap-3">
          <input
            ref={input}
            type="file"
            accept=".csv,.tsv,.txt,text/csv"
            className="visually-hidden"
            aria-label="File with accounts"
            tabIndex={-1}
            onChange={(event) => void take(event)}
          />
          <Button icon="upload" busy={look.isPending && !seen} onClick={() => input.current?.click()}>
            {file ? "Choose another file" : "Choose a file"}
          </Button>
          <span className="truncate text-muted">{file?.name ?? "No file chosen"}</span>
        </div>
        {wrong || told ? (
          <p role="alert" className="rounded-md bg-bad-soft px-3 py-2 text-bad">
            {wrong || [told?.detail || told?.title, told?.action].filter(Boolean).join(" ")}
          </p>
        ) : null}
        {seen && mapping ? (
          <>
            <Table aria-label="Columns of the file">
              <thead>
                <tr>
                  <HeadCell>Column</HeadCell>
                  <HeadCell>First values</HeadCell>
                  <HeadCell>Goes to</HeadCell>
                </tr>
              </thead>
              <tbody>
                {seen.columns.map((column) => (
                  <Row key={column.name}>
                    <Cell className="font-medium">{column.name}</Cell>
                    <Cell className="max-w-[260px] truncate text-muted">{column.samples.join(" · ")}</Cell>
                    <Cell>
                      <Select
                        aria-label={`Field for the column ${column.name}`}
                        value={mapping[column.name] || "-"}
                        options={FIELDS}
                        disabled={bring.isSuccess}
                        onValueChange={(field) => map(column.name, field)}
                      />
                    </Cell>
                  </Row>
                ))}
              </tbody>
            </Table>
            {identified ? (
              <Counts seen={seen} done={bring.isSuccess} />
            ) : (
              <p className="text-warn">
                Choose a column for the name, the domains, the website or the id: accounts are recognised by
                them.
              </p>
            )}
          </>
        ) : null}
      </div>
    </Dialog>
  );
}

function Counts({ seen, done }: { seen: AccountImport; done: boolean }) {
  const rest = seen.rows - seen.looked_at - (done ? 0 : seen.failed);
  return (
    <section aria-label={done ? "What was imported" : "What would be imported"} role="status">
      <p>
        {done ? "Imported: " : "Would be imported: "}
        <b>{count(seen.created, "new account")}</b>, {seen.changed.toLocaleString("en")} changed,{" "}
        {seen.unchanged.toLocaleString("en")} with nothing new
        {seen.failed > 0 ? `, ${count(seen.failed, "row")} that cannot be taken` : ""}.
        {!done && rest > 0 ? ` Counted over the first ${seen.looked_at.toLocaleString("en")} rows.` : ""}
      </p>
      {seen.problems.length > 0 ? (
        <ul className="mt-2 max-h-40 overflow-y-auto rounded-md bg-sunken px-3 py-2 text-sm">
          {seen.problems.map((problem) => (
            <li key={`${problem.line} ${problem.message}`}>
              <span className="text-muted tabular">Line {problem.line}:</span> {problem.message}
            </li>
          ))}
        </ul>
      ) : null}
    </section>
  );
}
