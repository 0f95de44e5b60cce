import { clsx } from "clsx";
import { useState } from "react";
import { useRuns } from "@/api";
import { Moment } from "@/app/moment";
import { PausedSearch } from "@/app/paused-search";
import { QueryError } from "@/app/query-error";
import { RunStatusChip } from "@/pages/runs/run-words";
import { EmptyState, Loading, Skeleton } from "@/ui";

interface PastEventsProps {
  workflow: string;
  /** Id of the chosen run. */
  value: string | null;
  onChoose: (run: string) => void;
}

/** The newest runs of the workflow, one of which is chosen; arrow keys move the choice. */
export function PastEvents({ workflow, value, onChoose }: PastEventsProps) {
  const [search, setSearch] = useState("");
  const runs = useRuns({ workflow, ...(search ? { search } : {}) });
  const items = runs.data?.pages[0]?.items ?? [];
  return (
    <div className="flex flex-col gap-2">
      <PausedSearch label="Find past events by lead or e-mail" value={search} onSearch={setSearch} />
      {runs.isPending ? (
        <Loading label="Loading the past events">
          <Skeleton className="h-40" />
        </Loading>
      ) : runs.isError ? (
        <QueryError error={runs.error} onRetry={() => void runs.refetch()} />
      ) : items.length === 0 ? (
        <EmptyState
          icon="history"
          title={search ? "No past event matches" : "Nothing has run yet"}
          className="py-6!"
        >
          {search ? "Try a lead's e-mail or the start of a run's id." : "Type an event of your own instead."}
        </EmptyState>
      ) : (
        <fieldset className="max-h-64 overflow-auto rounded-lg border border-border">
          <legend className="visually-hidden">Past event</legend>
          {items.map((run) => (
            <label
              key={run.id}
              className={clsx(
                "flex items-center gap-2.5 border-b border-border px-3 py-2 text-sm last:border-b-0",
                run.id === value ? "bg-accent-soft" : "hover:bg-hover",
              )}
            >
              <input
                type="radio"
                name="past-event"
                className="accent-accent"
                checked={run.id === value}
                onChange={() => onChoose(run.id)}
              />
              <span className="min-w-0 flex-1 truncate font-medium">
                {run.subject || "Without a subject"}
              </span>
              <Moment at={run.started_at} className="shrink-0 text-muted" />
              <RunStatusChip status={run.status} />
            </label>
          ))}
        </fieldset>
      )}
    </div>
  );
}
