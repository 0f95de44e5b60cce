import { Link } from "@tanstack/react-router";
import { type AccountEntry, useAccountTimeline } from "@/api";
import { Moment } from "@/app/moment";
import { QueryError } from "@/app/query-error";
import { Button, Card, Loading, Skeleton } from "@/ui";
import { changesInWords } from "./words";

/** What happened to an account and to its leads, the newest first. */
export function AccountTimeline({ id }: { id: string }) {
  const timeline = useAccountTimeline(id);
  const entries = timeline.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card title="Timeline" subtitle="the account and its leads, newest first">
      {timeline.isPending ? (
        <Loading label="Loading the timeline">
          <Skeleton className="h-24 rounded-lg" />
        </Loading>
      ) : timeline.isError ? (
        <QueryError error={timeline.error} onRetry={() => void timeline.refetch()} />
      ) : entries.length === 0 ? (
        <p className="text-muted">
          Nothing is recorded yet. Changes of the account, and whatever its leads do, stand here.
        </p>
      ) : (
        <ol className="divide-y divide-border">
          {entries.map((entry) => (
            <Entry key={entry.id} entry={entry} />
          ))}
        </ol>
      )}
      {timeline.hasNextPage ? (
        <Button
          size="small"
          className="mt-3"
          busy={timeline.isFetchingNextPage}
          onClick={() => void timeline.fetchNextPage()}
        >
          Show earlier
        </Button>
      ) : null}
    </Card>
  );
}

function Entry({ entry }: { entry: AccountEntry }) {
  const changes = entry.kind === "account" ? changesInWords(entry.old, entry.new) : [];
  return (
    <li className="py-2 first:pt-0 last:pb-0">
      <div className="flex flex-wrap items-baseline gap-x-2">
        {entry.lead ? (
          <Link
            to="/leads/$id"
            params={{ id: entry.lead.id }}
            className="rounded-sm font-medium text-accent-text hover:underline"
          >
            {entry.lead.name}
          </Link>
        ) : (
          <span className="font-medium">The account</span>
        )}
        <span>{entry.title}</span>
        <Moment at={entry.at} className="text-xs text-muted" />
        {entry.by ? <span className="text-xs text-muted">by {entry.by}</span> : null}
        {entry.run_id ? (
          <Link
            to="/runs/$id"
            params={{ id: entry.run_id }}
            className="rounded-sm text-xs font-medium text-accent-text hover:underline"
          >
            See the run
          </Link>
        ) : null}
      </div>
      {entry.why ? <p className="text-sm text-muted">{entry.why}</p> : null}
      {changes.map((line) => (
        <p key={line} className="text-sm text-muted">
          {line}
        </p>
      ))}
    </li>
  );
}
