import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Job, JobItem } from "@/api";
import { QueryError } from "@/app/query-error";
import { Button, Card, EmptyState, Loading, Skeleton } from "@/ui";

interface ItemListProps<Detail> {
  job: Job;
  items: UseInfiniteQueryResult<InfiniteData<{ items: JobItem<Detail>[] }>>;
  children: (rows: JobItem<Detail>[]) => ReactNode;
}

/** What every list of a job's items shares: loading, errors, emptiness, and the way to more. */
export function ItemList<Detail>({ job, items, children }: ItemListProps<Detail>) {
  if (items.isPending) {
    return (
      <Loading label="Loading the results">
        <Card>
          <Skeleton className="h-5 w-72" />
          <Skeleton className="mt-3 h-5 w-56" />
          <Skeleton className="mt-3 h-5 w-64" />
        </Card>
      </Loading>
    );
  }
  if (items.isError) return <QueryError error={items.error} onRetry={() => void items.refetch()} />;
  const rows = items.data.pages.flatMap((page) => page.items);
  if (rows.length === 0) {
    return (
      <Card>
        <EmptyState
          icon={job.status === "running" ? "wait" : "inbox"}
          title={job.status === "running" ? "The first results are on their way" : "Nothing to show"}
        >
          {job.status === "running"
            ? "They appear here as they are worked out. You may leave this page; it goes on."
            : "No run or event was in what was chosen."}
        </EmptyState>
      </Card>
    );
  }
  return (
    <>
      {children(rows)}
      {items.hasNextPage ? (
        <div className="flex justify-center">
          <Button busy={items.isFetchingNextPage} onClick={() => void items.fetchNextPage()}>
            Show more
          </Button>
        </div>
      ) : null}
    </>
  );
}
