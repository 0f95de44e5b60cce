import { useQueryClient } from "@tanstack/react-query";
import { type ImportFound, type ImportReading, importKeys, importsApi, type ListImport } from "@/api";
import { sayError } from "@/app/say-error";
import { Card, Chip, Field, Select } from "@/ui";
import { count, delimiterWords } from "./words";

/** What the file was found to be, and the way to say otherwise. */
export function FoundCard({ item, found }: { item: ListImport; found: ImportFound }) {
  const client = useQueryClient();
  const read = async (change: ImportReading) => {
    try {
      client.setQueryData(
        importKeys.one(item.id),
        await importsApi.read(item.id, { ...found.reading, ...change }),
      );
    } catch (error) {
      sayError("The file was not read again")(error);
    }
  };
  return (
    <Card title="What we found" subtitle={`${count(found.rows)} rows, ${found.columns.length} columns`}>
      <div className="flex flex-wrap items-center gap-2">
        <Chip>{found.kind === "xlsx" ? "Excel workbook" : "Text"}</Chip>
        {found.kind === "text" ? <Chip>{found.encoding}</Chip> : null}
        {found.broken > 0 ? <Chip tone="bad">{count(found.broken)} rows cannot be read</Chip> : null}
        {found.remembered_from ? <Chip tone="accent">Choices of “{found.remembered_from}”</Chip> : null}
      </div>
      {found.notes.length > 0 ? (
        <ul className="mt-2 list-disc pl-5 text-muted">
          {found.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      ) : null}
      <div className="mt-3 grid gap-3 sm:grid-cols-3">
        {found.kind === "text" ? (
          <Field label="Values are divided by">
            {(control) => (
              <Select
                {...control}
                value={found.delimiter ?? ","}
                onValueChange={(delimiter) => void read({ delimiter })}
                options={[",", ";", "\t", "|"].map((value) => ({ value, label: delimiterWords(value) }))}
              />
            )}
          </Field>
        ) : (
          <Field label="Sheet">
            {(control) => (
              <Select
                {...control}
                value={found.sheet ?? ""}
                onValueChange={(sheet) => void read({ sheet })}
                options={found.sheets.map((value) => ({ value, label: value }))}
              />
            )}
          </Field>
        )}
        <Field label="The first row">
          {(control) => (
            <Select
              {...control}
              value={found.header ? "names" : "data"}
              onValueChange={(value) => void read({ header: value === "names" })}
              options={[
                { value: "names", label: "names the columns" },
                { value: "data", label: "is a lead already" },
              ]}
            />
          )}
        </Field>
      </div>
      {found.broken_rows.length > 0 ? (
        <details className="mt-3">
          <summary className="cursor-pointer text-sm font-medium">Rows that cannot be read</summary>
          <ul className="mt-2 max-h-52 divide-y divide-border overflow-y-auto text-sm">
            {found.broken_rows.map((row) => (
              <li key={row.line} className="py-1">
                <span className="tabular text-muted">Line {row.line}:</span> {row.reason}{" "}
                <code className="block truncate font-mono text-xs text-muted">{row.text}</code>
              </li>
            ))}
          </ul>
        </details>
      ) : null}
    </Card>
  );
}
