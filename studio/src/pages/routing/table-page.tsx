import { useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import {
  type RoutingTable,
  type Rulebook,
  routing,
  rulebooks,
  useOwners,
  usePools,
  useRulebook,
} from "@/api";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { sayError } from "@/app/say-error";
import { Button, Card, Checkbox, Chip, Field, Loading, Select, Skeleton, toast } from "@/ui";
import { ExplainCard } from "./explain-card";
import { Sheet } from "./sheet";
import { SimulationCard } from "./simulation-card";
import { VersionsCard } from "./versions-card";

const route = getRouteApi("/shell/routing/$id");

/** One routing table: edited as a sheet, read as a document, tried on a lead and on the past, published. */
export function RoutingTablePage() {
  const { id } = route.useParams();
  const book = useRulebook<RoutingTable>("routing_table", id);
  if (book.isPending) {
    return (
      <Page title="Routing table" crumbs={[{ label: "Routing", to: "/routing" }]}>
        <Loading label="Loading the table" className="space-y-4">
          <Skeleton className="h-64 rounded-xl" />
        </Loading>
      </Page>
    );
  }
  if (book.isError) {
    return (
      <Page title="Routing table" crumbs={[{ label: "Routing", to: "/routing" }]}>
        <QueryError error={book.error} onRetry={() => void book.refetch()} />
      </Page>
    );
  }
  return <Editor key={`${book.data.id}:${book.data.revision}`} book={book.data} />;
}

function Editor({ book }: { book: Rulebook<RoutingTable> }) {
  const client = useQueryClient();
  const pools = usePools();
  const owners = useOwners();
  const [table, setTable] = useState(book.draft);
  const dirty = JSON.stringify(table) !== JSON.stringify(book.draft);
  const keep = (saved: Rulebook) => {
    client.setQueryData(rulebooks.oneKey("routing_table", book.id), saved);
    void client.invalidateQueries({ queryKey: rulebooks.listKey("routing_table") });
    void client.invalidateQueries({ queryKey: rulebooks.versionsKey(book.id) });
  };
  const save = useMutation({
    mutationFn: () => rulebooks.save("routing_table", book.id, book.revision, table),
    onSuccess: keep,
    onError: sayError("The table was not saved"),
  });
  const publish = useMutation({
    mutationFn: () => rulebooks.publish("routing_table", book.id, book.revision, ""),
    onSuccess: (saved) => {
      keep(saved);
      toast({ tone: "ok", title: `Version ${saved.version} of ${saved.name} is in force` });
    },
    onError: sayError("The table was not published"),
  });
  const poolNames = pools.data?.items.map((pool) => pool.name) ?? [];
  const ownerNames = owners.data?.items.map((owner) => owner.name) ?? [];
  const fallbacks = [...new Set([...ownerNames, ...(table.fallback ? [table.fallback] : [])])];
  const others = book.problems.filter((problem) => !problem.field.includes("/cells/"));
  const gaps = book.lints.filter((lint) => lint.row === undefined);
  return (
    <Page
      title={book.name}
      crumbs={[{ label: "Routing", to: "/routing" }]}
      status={
        <Chip tone={book.version !== null && !book.changed ? "ok" : "warn"}>
          {book.version === null
            ? "Draft"
            : book.changed
              ? `Version ${book.version}, draft changed`
              : `Version ${book.version}`}
        </Chip>
      }
      actions={
        <>
          <SheetFiles table={table} name={book.name} onRead={setTable} />
          <Button disabled={!dirty} busy={save.isPending} onClick={() => save.mutate()}>
            Save
          </Button>
          <Button
            variant="primary"
            disabled={dirty || book.problems.length > 0 || (!book.changed && book.version !== null)}
            busy={publish.isPending}
            onClick={() => publish.mutate()}
          >
            Publish
          </Button>
        </>
      }
    >
      <div className="mx-auto flex max-w-[1200px] flex-col gap-4">
        <Card title="Before the rows">
          <div className="flex flex-wrap gap-x-6 gap-y-2">
            <Checkbox
              label="Keep the owner a lead has"
              checked={table.first.keep_owner}
              onCheckedChange={(on) => setTable({ ...table, first: { ...table.first, keep_owner: on } })}
            />
            <Checkbox
              label="The owner of its account first"
              checked={table.first.account_owner}
              onCheckedChange={(on) => setTable({ ...table, first: { ...table.first, account_owner: on } })}
            />
            <Checkbox
              label="Same owner for all leads of one account"
              checked={table.first.same_account}
              onCheckedChange={(on) => setTable({ ...table, first: { ...table.first, same_account: on } })}
            />
          </div>
        </Card>
        <Card title="Rows" subtitle="The first row a lead meets decides; empty cells are anything." flush>
          <Sheet
            table={table}
            onChange={setTable}
            problems={dirty ? [] : book.problems}
            lints={dirty ? [] : book.lints}
            pools={poolNames}
            owners={ownerNames}
          />
          <div className="flex flex-wrap items-end gap-4 px-4 py-3">
            <Field label="When nobody can take a lead" className="w-[260px]">
              {(control) => (
                <Select
                  {...control}
                  value={table.fallback || undefined}
                  placeholder="Choose an owner…"
                  options={fallbacks.map((name) => ({ value: name, label: name }))}
                  onValueChange={(name) => setTable({ ...table, fallback: name })}
                />
              )}
            </Field>
            <ul className="grow space-y-0.5">
              {(dirty ? [] : others).map((problem) => (
                <li key={problem.field + problem.message} className="text-bad">
                  {problem.message}
                </li>
              ))}
              {(dirty ? [] : gaps).map((lint) => (
                <li key={lint.message} className="text-warn">
                  {lint.message}
                </li>
              ))}
              {dirty ? <li className="text-muted">Save to check it.</li> : null}
            </ul>
          </div>
        </Card>
        <div className="grid items-start gap-4 lg:grid-cols-2">
          <Card title="In words" subtitle={dirty ? "as it was saved" : undefined}>
            <ol className="list-decimal space-y-1 pl-5">
              {book.words.map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ol>
          </Card>
          <ExplainCard table={table} name={book.name} />
        </div>
        <SimulationCard table={table} name={book.name} />
        <VersionsCard id={book.id} onTake={setTable} />
      </div>
    </Page>
  );
}

interface SheetFilesProps {
  table: RoutingTable;
  name: string;
  onRead: (table: RoutingTable) => void;
}

/** The table as a file, both ways. */
function SheetFiles({ table, name, onRead }: SheetFilesProps) {
  const write = useMutation({
    mutationFn: () => routing.toSheet(table),
    onSuccess: ({ csv }) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([csv], { type: "text/csv" }));
      link.download = `${name}.csv`;
      link.click();
      URL.revokeObjectURL(link.href);
    },
    onError: sayError("The file was not made"),
  });
  const read = useMutation({
    mutationFn: async (file: File) => routing.fromSheet(await file.text(), table),
    onSuccess: ({ table: next }) => {
      onRead(next);
      toast({ tone: "ok", title: "Read the file", description: "Look at the rows, then save." });
    },
    onError: sayError("The file was not read"),
  });
  return (
    <>
      <Button icon="download" busy={write.isPending} onClick={() => write.mutate()}>
        CSV
      </Button>
      <Button
        icon="upload"
        busy={read.isPending}
        onClick={() => {
          const input = document.createElement("input");
          input.type = "file";
          input.accept = ".csv,text/csv";
          input.onchange = () => {
            const file = input.files?.[0];
            if (file) read.mutate(file);
          };
          input.click();
        }}
      >
        Upload
      </Button>
    </>
  );
}
