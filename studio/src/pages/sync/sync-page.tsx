import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { type Sync, type SyncSide, useApps, useConnections, useDrift, useSyncs } from "@/api";
import { Moment } from "@/app/moment";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { Button, Card, Chip, EmptyState, ErrorCode, Loading, Skeleton } from "@/ui";
import { SyncDialog } from "./sync-dialog";
import { partiesOf } from "./sync-words";

/** Records of two apps that are kept in step: which syncs there are, how far they are, and where both sides differ. */
export function SyncPage() {
  const syncs = useSyncs();
  const apps = useApps();
  const connections = useConnections();
  const [adding, setAdding] = useState(false);
  const parties = partiesOf(apps.data?.items ?? [], connections.data?.items ?? []);
  const add = (
    <Button variant="primary" icon="plus" disabled={parties.length < 2} onClick={() => setAdding(true)}>
      New two-way sync
    </Button>
  );
  return (
    <Page title="Two-way sync" section="settings" actions={add}>
      <div className="mx-auto flex max-w-[860px] flex-col gap-3">
        {syncs.isPending ? (
          <Loading label="Loading the syncs" className="space-y-3">
            <Skeleton className="h-32 rounded-xl" />
          </Loading>
        ) : syncs.error || !syncs.data ? (
          <QueryError error={syncs.error} onRetry={() => void syncs.refetch()} />
        ) : syncs.data.items.length === 0 ? (
          <Card>
            <EmptyState
              icon="loop"
              title="Nothing is kept in step yet"
              action={
                parties.length < 2 ? (
                  <Link to="/settings/connections" className="font-medium text-accent-text hover:underline">
                    Connect two accounts first
                  </Link>
                ) : (
                  add
                )
              }
            >
              Keep the contacts of your CRM and of your marketing in step: field by field you say who owns
              what, and what holds when both have changed. Two systems never keep answering each other.
            </EmptyState>
          </Card>
        ) : (
          syncs.data.items.map((sync) => <SyncCard key={sync.workflow_id} sync={sync} />)
        )}
      </div>
      {adding ? <SyncDialog parties={parties} onClose={() => setAdding(false)} /> : null}
    </Page>
  );
}

function SyncCard({ sync }: { sync: Sync }) {
  const [showsDrift, setShowsDrift] = useState(false);
  return (
    <Card>
      <div className="flex flex-wrap items-center gap-2">
        <h2 className="font-semibold">
          <Link
            to="/workflows/$id"
            params={{ id: sync.workflow_id }}
            className="text-accent-text hover:underline"
          >
            {sync.name}
          </Link>
        </h2>
        <Chip tone={sync.active ? "ok" : "neutral"} dot>
          {sync.active ? "On" : "Off"}
        </Chip>
        <p className="text-sm text-muted">
          {sync.pairs.toLocaleString("en")} {sync.pairs === 1 ? "pair" : "pairs"} · {sync.fields}{" "}
          {sync.fields === 1 ? "field" : "fields"}
          {sync.failed_today > 0 ? ` · ${sync.failed_today} failed today` : ""}
        </p>
        <Button
          size="small"
          className="ml-auto"
          aria-expanded={showsDrift}
          onClick={() => setShowsDrift(!showsDrift)}
        >
          {showsDrift ? "Hide differences" : "Where they differ"}
        </Button>
      </div>
      <div className="mt-3 grid gap-3 sm:grid-cols-2">
        <Side name="Left" side={sync.left} />
        <Side name="Right" side={sync.right} />
      </div>
      {showsDrift ? <DriftTable id={sync.workflow_id} /> : null}
    </Card>
  );
}

function Side({ name, side }: { name: string; side: SyncSide }) {
  const { looks } = side;
  return (
    <section aria-label={`${name}: ${side.connection}`} className="rounded-lg bg-sunken p-3 text-sm">
      <h3 className="text-xs font-semibold text-muted">{name}</h3>
      <p className="font-medium">
        {side.connection} <span className="font-normal text-muted">{side.records.toLowerCase()}</span>
      </p>
      {looks ? (
        <p className="mt-1 text-xs text-muted">
          {looks.seen.toLocaleString("en")} read, {looks.started.toLocaleString("en")} reported
          {looks.going_on ? ", going on" : ""}
          {looks.last_at ? (
            <>
              {" · last look "}
              <Moment at={looks.last_at} />
            </>
          ) : (
            " · no look yet"
          )}
        </p>
      ) : null}
      {looks?.trouble ? (
        <p role="status" className="mt-1 text-xs text-bad">
          {looks.trouble.message}. {looks.trouble.action} <ErrorCode code={looks.trouble.code} />
        </p>
      ) : null}
    </section>
  );
}

function DriftTable({ id }: { id: string }) {
  const drift = useDrift(id, true);
  if (drift.isPending) return <Skeleton className="mt-3 h-16 rounded-lg" />;
  if (drift.error || !drift.data) {
    return <QueryError error={drift.error} onRetry={() => void drift.refetch()} />;
  }
  if (drift.data.differing === 0) {
    return (
      <p className="mt-3 text-sm text-muted">
        All {drift.data.pairs} pairs agree as their fields' rules say.
      </p>
    );
  }
  return (
    <div className="mt-3 overflow-x-auto">
      <table className="w-full text-left text-sm">
        <caption className="mb-1 text-left text-xs text-muted">
          {drift.data.differing} of {drift.data.pairs} pairs differ, because nothing may be overwritten there
        </caption>
        <thead>
          <tr className="text-xs text-muted">
            <th scope="col" className="py-1 pr-3 font-semibold">
              Record
            </th>
            <th scope="col" className="py-1 pr-3 font-semibold">
              Field
            </th>
            <th scope="col" className="py-1 pr-3 font-semibold">
              Left
            </th>
            <th scope="col" className="py-1 font-semibold">
              Right
            </th>
          </tr>
        </thead>
        <tbody>
          {drift.data.items.flatMap((pair) =>
            pair.fields.map((field) => (
              <tr key={`${pair.left_id}/${field.field}`} className="border-t border-border">
                <td className="py-1 pr-3">{pair.known_by || pair.left_id}</td>
                <td className="py-1 pr-3 font-mono text-xs">{field.field}</td>
                <td className="py-1 pr-3">{words(field.left)}</td>
                <td className="py-1">{words(field.right)}</td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    </div>
  );
}

const words = (value: unknown): string =>
  value === null || value === undefined || value === ""
    ? "nothing"
    : typeof value === "string"
      ? value
      : JSON.stringify(value);
