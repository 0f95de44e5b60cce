import { useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { type Rulebook, rulebooks, useRulebook, type Waterfall } from "@/api";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { sayError } from "@/app/say-error";
import { Button, Card, Chip, Field, Input, Loading, Skeleton, toast } from "@/ui";
import { BudgetCard } from "./budget-card";
import { moved, newProvider } from "./model";
import { ProviderCard } from "./provider-card";
import { TryCard } from "./try-card";
import { WantedCard } from "./wanted-card";

const route = getRouteApi("/shell/enrichment/$id");
const KIND = "enrichment_waterfall";

/** One enrichment: wanted fields, providers in their order, budget, and a trial. */
export function WaterfallPage() {
  const { id } = route.useParams();
  const book = useRulebook<Waterfall>(KIND, id);
  if (book.isPending || book.isError) {
    return (
      <Page title="Enrichment" crumbs={[{ label: "Enrichment", to: "/enrichment" }]}>
        {book.isPending ? (
          <Loading label="Loading the enrichment">
            <Skeleton className="h-64 rounded-xl" />
          </Loading>
        ) : (
          <QueryError error={book.error} onRetry={() => void book.refetch()} />
        )}
      </Page>
    );
  }
  return <Editor key={book.data.id} book={book.data} />;
}

function Editor({ book }: { book: Rulebook<Waterfall> }) {
  const client = useQueryClient();
  const [name, setName] = useState(book.name);
  const [waterfall, setWaterfall] = useState(book.draft);
  const dirty = name !== book.name || JSON.stringify(waterfall) !== JSON.stringify(book.draft);
  const keep = (saved: Rulebook) => {
    client.setQueryData(rulebooks.oneKey(KIND, book.id), saved);
    void client.invalidateQueries({ queryKey: rulebooks.listKey(KIND) });
  };
  const save = useMutation({
    mutationFn: () => rulebooks.save(KIND, book.id, book.revision, waterfall, name),
    onSuccess: keep,
    onError: sayError("The enrichment was not saved"),
  });
  const publish = useMutation({
    mutationFn: () => rulebooks.publish(KIND, book.id, book.revision, ""),
    onSuccess: (saved) => {
      keep(saved);
      toast({
        tone: "ok",
        title: `Version ${saved.version} of ${saved.name} is in force`,
        description: "Steps that name it use it from now on.",
      });
    },
    onError: sayError("The enrichment was not published"),
  });
  const { providers } = waterfall;
  const set = (next: Waterfall["providers"]) => setWaterfall({ ...waterfall, providers: next });
  return (
    <Page
      title={book.name}
      crumbs={[{ label: "Enrichment", to: "/enrichment" }]}
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
      <div className="mx-auto grid max-w-[1200px] items-start gap-4 xl:grid-cols-[1fr_420px]">
        <div className="flex min-w-0 flex-col gap-4">
          <WantedCard waterfall={waterfall} onChange={setWaterfall} />
          {providers.map((provider, place) => (
            <ProviderCard
              key={provider.id}
              provider={provider}
              place={place}
              count={providers.length}
              currency={waterfall.currency}
              onChange={(next) => set(providers.map((old, at) => (at === place ? next : old)))}
              onMove={(by) => set(moved(providers, place, by))}
              onRemove={() => set(providers.filter((_, at) => at !== place))}
            />
          ))}
          <div>
            <Button icon="plus" onClick={() => set([...providers, newProvider(providers)])}>
              Add a provider
            </Button>
          </div>
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <TryCard id={book.id} waterfall={waterfall} />
          <BudgetCard id={book.id} waterfall={waterfall} onChange={setWaterfall} />
          <Words book={book} dirty={dirty} name={name} onName={setName} />
        </div>
      </div>
    </Page>
  );
}

interface WordsProps {
  book: Rulebook<Waterfall>;
  dirty: boolean;
  name: string;
  onName: (name: string) => void;
}

/** What it says, and what has to be mended before it can be published. */
function Words({ book, dirty, name, onName }: WordsProps) {
  return (
    <Card title="In words" subtitle={dirty ? "as it was saved" : undefined}>
      <ul className="list-disc space-y-1 pl-5">
        {book.words.map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      {dirty || book.problems.length === 0 ? null : (
        <ul className="mt-2 space-y-0.5" aria-label="To be mended before it can be published">
          {book.problems.map((problem) => (
            <li key={`${problem.field} ${problem.message}`} className="text-bad">
              {problem.message}
            </li>
          ))}
        </ul>
      )}
      <Field label="Name" help="Steps call it by this name." className="mt-3 border-t border-border pt-3">
        {(control) => <Input {...control} value={name} onChange={(event) => onName(event.target.value)} />}
      </Field>
    </Card>
  );
}
