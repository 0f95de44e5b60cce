import { Link } from "@tanstack/react-router";
import { type LeadMerge, useMerges } from "@/api";
import { Moment } from "@/app/moment";
import { QueryError } from "@/app/query-error";
import { Button, Card, Chip, EmptyState, Loading, Skeleton } from "@/ui";
import { useTakeBack } from "./take-back";

/** What was merged, the latest first, with the way back. */
export function MergeHistory() {
  const merges = useMerges();
  const takeBack = useTakeBack();
  if (merges.isPending) {
    return (
      <Loading label="Loading the merges">
        <Skeleton className="h-40 rounded-xl" />
      </Loading>
    );
  }
  if (merges.isError) return <QueryError error={merges.error} onRetry={() => void merges.refetch()} />;
  const items = merges.data.pages.flatMap((page) => page.items);
  if (items.length === 0) {
    return (
      <Card>
        <EmptyState icon="history" title="Nothing was merged yet">
          Every merge is kept here, whoever or whatever did it, and can be taken back.
        </EmptyState>
      </Card>
    );
  }
  return (
    <Card title="Merges" subtitle="the latest first">
      <ul className="divide-y divide-border">
        {items.map((merge) => (
          <Merge key={merge.id} merge={merge} onTakeBack={() => void takeBack(merge.id)} />
        ))}
      </ul>
      {merges.hasNextPage ? (
        <Button className="mt-3" busy={merges.isFetchingNextPage} onClick={() => void merges.fetchNextPage()}>
          Show more
        </Button>
      ) : null}
    </Card>
  );
}

function Merge({ merge, onTakeBack }: { merge: LeadMerge; onTakeBack: () => void }) {
  return (
    <li className="flex items-start gap-3 py-2.5">
      <div className="min-w-0 flex-1">
        <p className="font-medium">
          {merge.merged_name} into{" "}
          {merge.lead_name ? (
            <Link to="/leads/$id" params={{ id: merge.lead_id }} className="rounded-sm hover:underline">
              {merge.lead_name}
            </Link>
          ) : (
            "a lead that is gone"
          )}
        </p>
        {merge.why ? <p className="text-sm text-muted">{merge.why}</p> : null}
        <p className="text-xs text-muted">
          {merge.by ?? "A workflow"} · <Moment at={merge.at} />
        </p>
      </div>
      {merge.undone_at ? (
        <Chip icon="undo">Taken back</Chip>
      ) : (
        <Button size="small" icon="undo" onClick={onTakeBack}>
          Un-merge
        </Button>
      )}
    </li>
  );
}
