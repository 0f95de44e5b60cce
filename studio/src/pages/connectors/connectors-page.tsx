import { Link, useNavigate } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { type ConnectableApp, useApps } from "@/api";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { Button, Card, EmptyState, Loading, Menu, SearchInput, Skeleton } from "@/ui";
import { AppCard } from "./app-card";
import { ManifestDialog } from "./manifest-dialog";
import { SHELVES } from "./words";

/** Every app there is, by shelf: what it can do, and whether it was installed here. */
export function ConnectorsPage() {
  const apps = useApps();
  const navigate = useNavigate();
  const [search, setSearch] = useState("");
  const [uploading, setUploading] = useState(false);
  const shown = useMemo(() => fitting(apps.data?.items ?? [], search), [apps.data, search]);
  const fromOpenApi = () => void navigate({ to: "/settings/connectors/import", search: {} });

  return (
    <Page
      title="Connectors"
      section="settings"
      actions={
        <Menu
          trigger={
            <Button variant="primary" icon="plus">
              Add a connector
            </Button>
          }
          entries={[
            { label: "From OpenAPI", icon: "braces", onSelect: fromOpenApi },
            { label: "From a manifest", icon: "upload", onSelect: () => setUploading(true) },
          ]}
        />
      }
    >
      <div className="mx-auto flex max-w-[1040px] flex-col gap-4">
        <SearchInput
          label="Search apps and what they can do"
          placeholder="Search apps and what they can do"
          value={search}
          onValueChange={setSearch}
        />
        {apps.isPending ? (
          <Loading label="Loading the apps" className="grid gap-3 sm:grid-cols-2">
            <Skeleton className="h-32 rounded-xl" />
            <Skeleton className="h-32 rounded-xl" />
          </Loading>
        ) : apps.isError ? (
          <QueryError error={apps.error} onRetry={() => void apps.refetch()} />
        ) : shown.length === 0 ? (
          <Card>
            <EmptyState
              icon="search"
              title={`Nothing fits “${search.trim()}”`}
              action={
                <Button variant="primary" icon="braces" onClick={fromOpenApi}>
                  Add from OpenAPI
                </Button>
              }
            >
              If the app publishes an OpenAPI document, it becomes a connector in a few minutes. Any single
              address can be called with the step “HTTP request”.
            </EmptyState>
          </Card>
        ) : (
          byShelf(shown).map(([shelf, items]) => (
            <section key={shelf} aria-label={shelf}>
              <h2 className="mb-2 text-sm font-semibold text-muted">{shelf}</h2>
              <ul className="grid items-start gap-3 sm:grid-cols-2">
                {items.map((app) => (
                  <li key={app.id}>
                    <AppCard app={app} search={search} />
                  </li>
                ))}
              </ul>
            </section>
          ))
        )}
        <p className="text-sm text-muted">
          Accounts of these apps are connected under{" "}
          <Link to="/settings/connections" className="text-accent-text underline">
            Connections
          </Link>
          .
        </p>
      </div>
      {uploading ? <ManifestDialog onClose={() => setUploading(false)} /> : null}
    </Page>
  );
}

function fitting(apps: readonly ConnectableApp[], search: string): ConnectableApp[] {
  const words = search.trim().toLowerCase();
  return apps.filter(({ id, name, summary, keywords, actions }) =>
    [id, name, summary, ...keywords, ...actions.map(({ title }) => title)].some((text) =>
      text.toLowerCase().includes(words),
    ),
  );
}

function byShelf(apps: readonly ConnectableApp[]): [string, ConnectableApp[]][] {
  return SHELVES.flatMap(([shelf, words]) => {
    const items = apps.filter((app) => app.shelf === shelf);
    return items.length > 0 ? [[words, items] as [string, ConnectableApp[]]] : [];
  });
}
