import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { type DataTable, useTables } from "@/api";
import { Moment } from "@/app/moment";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { Button, Card, Cell, EmptyState, HeadCell, Loading, Row, Skeleton, Table } from "@/ui";
import { CountersCard } from "./counters-card";
import { DefineTableDialog } from "./define-table-dialog";

/** The sheets of the workspace, and what is counted. */
export function TablesPage() {
  const tables = useTables();
  const navigate = useNavigate();
  const [defining, setDefining] = useState(false);
  const newTable = (
    <Button variant="primary" icon="plus" onClick={() => setDefining(true)}>
      New table
    </Button>
  );
  return (
    <Page title="Tables" actions={newTable}>
      <div className="mx-auto flex max-w-[980px] flex-col gap-4">
        {tables.isPending ? (
          <Loading label="Loading the tables">
            <Skeleton className="h-40 rounded-xl" />
          </Loading>
        ) : tables.isError ? (
          <QueryError error={tables.error} onRetry={() => void tables.refetch()} />
        ) : tables.data.items.length === 0 ? (
          <Card>
            <EmptyState icon="grid" title="No tables yet" action={newTable}>
              A table is a sheet that people fill and workflows use: which country belongs to whom, what a
              product costs, who asked for a demo. Steps such as “Find rows” and “Add or update row” read and
              write it.
            </EmptyState>
          </Card>
        ) : (
          <Card flush>
            <Table aria-label="Tables">
              <thead>
                <tr>
                  <HeadCell>Table</HeadCell>
                  <HeadCell>Columns</HeadCell>
                  <HeadCell numeric>Rows</HeadCell>
                  <HeadCell>Changed</HeadCell>
                </tr>
              </thead>
              <tbody>
                {tables.data.items.map((table) => (
                  <TableLine key={table.id} table={table} />
                ))}
              </tbody>
            </Table>
          </Card>
        )}
        <CountersCard />
      </div>
      <DefineTableDialog
        open={defining}
        onOpenChange={setDefining}
        onSaved={(table) => void navigate({ to: "/tables/$id", params: { id: table.id } })}
      />
    </Page>
  );
}

function TableLine({ table }: { table: DataTable }) {
  return (
    <Row className="relative">
      <Cell className="max-w-[260px]">
        <Link
          to="/tables/$id"
          params={{ id: table.id }}
          data-row-link
          className="block truncate rounded-sm text-base font-medium after:absolute after:inset-0"
        >
          {table.name}
        </Link>
      </Cell>
      <Cell className="max-w-[320px] truncate text-muted">
        {table.columns.map(({ label }) => label).join(", ")}
      </Cell>
      <Cell numeric>{table.rows.toLocaleString("en")}</Cell>
      <Cell className="whitespace-nowrap text-muted">
        <Moment at={table.updated_at} />
      </Cell>
    </Row>
  );
}
