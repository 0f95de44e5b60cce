import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type RoutingTable, rulebooks, useRulebooks } from "@/api";
import { Moment } from "@/app/moment";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { sayError } from "@/app/say-error";
import { Button, Card, Chip, EmptyState, Loading, Skeleton } from "@/ui";
import { VersionChip } from "../rulebook/version-chip";
import { newTable } from "./model";

/** The tables that say where leads go. */
export function RoutingPage() {
  const tables = useRulebooks<RoutingTable>("routing_table");
  const client = useQueryClient();
  const navigate = useNavigate();
  const names = new Set(tables.data?.items.map((table) => table.name));
  const make = useMutation({
    mutationFn: () => {
      let name = "Territories";
      for (let number = 2; names.has(name); number++) name = `Territories ${number}`;
      return rulebooks.create("routing_table", name, newTable());
    },
    onSuccess: async (table) => {
      await client.invalidateQueries({ queryKey: rulebooks.listKey("routing_table") });
      await navigate({ to: "/routing/$id", params: { id: table.id } });
    },
    onError: sayError("The table was not made"),
  });
  const button = (
    <Button variant="primary" icon="plus" busy={make.isPending} onClick={() => make.mutate()}>
      New table
    </Button>
  );
  return (
    <Page title="Routing" section="rules" actions={button}>
      <div className="mx-auto flex max-w-[980px] flex-col gap-4">
        {tables.isPending ? (
          <Loading label="Loading the tables" className="space-y-4">
            <Skeleton className="h-28 rounded-xl" />
          </Loading>
        ) : tables.isError ? (
          <QueryError error={tables.error} onRetry={() => void tables.refetch()} />
        ) : tables.data.items.length === 0 ? (
          <Card>
            <EmptyState icon="route" title="No routing tables yet" action={button}>
              A table is read from top to bottom, and the first row a lead meets says where it goes: to an
              owner, into a pool, to a team, to the owner of its account, or onto a list. The step “Route
              lead” uses it by its name.
            </EmptyState>
          </Card>
        ) : (
          tables.data.items.map((table) => (
            <Card
              key={table.id}
              title={
                <Link
                  to="/routing/$id"
                  params={{ id: table.id }}
                  className="rounded-sm text-accent-text hover:underline"
                >
                  {table.name}
                </Link>
              }
              aside={
                <>
                  {table.problems.length > 0 ? <Chip tone="bad">{table.problems.length} to mend</Chip> : null}
                  <VersionChip book={table} />
                  <Moment at={table.updated_at} className="text-muted" />
                </>
              }
            >
              <ol className="space-y-0.5">
                {(table.version === null ? table.words : table.published_words)
                  .slice(0, 4)
                  .map((sentence) => (
                    <li key={sentence} className="text-muted">
                      {sentence}
                    </li>
                  ))}
              </ol>
            </Card>
          ))
        )}
      </div>
    </Page>
  );
}
