import { useErasures } from "@/api";
import { Moment } from "@/app/moment";
import { QueryError } from "@/app/query-error";
import { Card, CopyButton, Loading, Skeleton } from "@/ui";
import { countInWords, whatWent } from "./erasure-words";

/** People whose data was deleted on request: nothing of them, but the proof that it was done. */
export function ErasuresCard() {
  const erasures = useErasures();
  return (
    <Card title="People deleted on request" id="erasures">
      {erasures.isPending ? (
        <Loading label="Loading the deletions">
          <Skeleton className="h-10 w-full" />
        </Loading>
      ) : erasures.isError ? (
        <QueryError error={erasures.error} onRetry={() => void erasures.refetch()} />
      ) : erasures.data.items.length === 0 ? (
        <p className="text-muted">
          Nobody yet. When somebody asks to be forgotten, open their lead and choose “Delete this person’s
          data…”. The proof that it was done stays here.
        </p>
      ) : (
        <ul className="divide-y divide-border">
          {erasures.data.items.map((erasure) => (
            <li key={erasure.id} className="flex items-start gap-3 py-2 first:pt-0 last:pb-0">
              <div className="min-w-0 flex-1">
                <p>
                  <Moment at={erasure.at} className="font-medium" />
                  {erasure.by ? <span className="text-muted"> by {erasure.by}</span> : null}
                </p>
                <p className="text-sm text-muted">{whatWent(erasure).map(countInWords).join(", ")}</p>
                <p className="truncate font-mono text-2xs text-faint" title={erasure.proof}>
                  {erasure.proof}
                </p>
              </div>
              <CopyButton text={erasure.proof} label="Copy the proof" iconOnly />
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
