import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { rulebooks, useRulebooks, type Waterfall } from "@/api";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { sayError } from "@/app/say-error";
import { Button, Card, Chip, EmptyState, Loading, Skeleton } from "@/ui";
import { newWaterfall } from "./model";

/** Enrichments: which fields, which providers, and in what order. */
export function EnrichmentPage() {
  const all = useRulebooks<Waterfall>("enrichment_waterfall");
  const client = useQueryClient();
  const navigate = useNavigate();
  const names = new Set(all.data?.items.map((one) => one.name));
  const make = useMutation({
    mutationFn: () => {
      let name = "Companies";
      for (let number = 2; names.has(name); number++) name = `Companies ${number}`;
      return rulebooks.create("enrichment_waterfall", name, newWaterfall());
    },
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: rulebooks.listKey("enrichment_waterfall") });
      await navigate({ to: "/enrichment/$id", params: { id: made.id } });
    },
    onError: sayError("The enrichment was not made"),
  });
  const button = (
    <Button variant="primary" icon="plus" busy={make.isPending} onClick={() => make.mutate()}>
      New enrichment
    </Button>
  );
  return (
    <Page title="Enrichment" section="rules" actions={button}>
      <div className="mx-auto flex max-w-[1060px] flex-col gap-4">
        {all.isPending ? (
          <Loading label="Loading the enrichments">
            <Skeleton className="h-48 rounded-xl" />
          </Loading>
        ) : all.isError ? (
          <QueryError error={all.error} onRetry={() => void all.refetch()} />
        ) : all.data.items.length === 0 ? (
          <Card>
            <EmptyState icon="search" title="No enrichments yet" action={button}>
              An enrichment asks providers of data, one after the other, until the fields you want are filled.
              It remembers answers, keeps to a budget, and says of every value who gave it. The step “Enrich
              lead” uses it.
            </EmptyState>
          </Card>
        ) : (
          <Card title="Enrichments" flush>
            <ul>
              {all.data.items.map((one) => (
                <li key={one.id} className="border-t border-border px-4 py-2.5">
                  <p className="flex flex-wrap items-center gap-2">
                    <Link
                      to="/enrichment/$id"
                      params={{ id: one.id }}
                      className="rounded-sm font-medium text-accent-text hover:underline"
                    >
                      {one.name}
                    </Link>
                    <Chip tone={one.version !== null && !one.changed ? "ok" : "warn"}>
                      {one.version === null
                        ? "Draft"
                        : one.changed
                          ? `Version ${one.version}, draft changed`
                          : `Version ${one.version}`}
                    </Chip>
                  </p>
                  <p className="text-muted">{one.words.slice(0, 3).join(" ")}</p>
                </li>
              ))}
            </ul>
          </Card>
        )}
      </div>
    </Page>
  );
}
