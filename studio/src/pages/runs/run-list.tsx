import { Link } from "@tanstack/react-router";
import { useRef } from "react";
import { type RunFilter, type RunStatus, type RunSummary, useRuns } from "@/api";
import { Moment } from "@/app/moment";
import { PausedSearch } from "@/app/paused-search";
import { QueryError } from "@/app/query-error";
import { timeWords } from "@/canvas/time-words";
import { RunManyButton } from "@/jobs/run-many-button";
import { Button, Card, Cell, Chip, EmptyState, HeadCell, Loading, Row, Select, Skeleton, Table } from "@/ui";
import { RunStatusChip, STATUS_WORDS } from "./run-words";
import { useLiveRuns } from "./use-live-runs";

interface RunListProps {
  /** Only runs of this workflow; then its column is left out. */
  workflow?: string;
  status: RunStatus | undefined;
  search: string | undefined;
  onFilter: (filter: { status?: RunStatus; search?: string }) => void;
}

const STATUS_OPTIONS = [
  { value: "", label: "Every outcome" },
  ...(Object.keys(STATUS_WORDS) as RunStatus[]).map((value) => ({ value, label: STATUS_WORDS[value].label })),
];

/** Runs, newest first, up to date by themselves; found by outcome, id or e-mail. */
export function RunList({ workflow, status, search, onFilter }: RunListProps) {
  const filter: RunFilter = { workflow, status, search };
  const runs = useRuns(filter);
  const table = useRef<HTMLTableElement>(null);
  const settled = () => !table.current?.contains(document.activeElement) && !isScrolled();
  const live = useLiveRuns(filter, settled);
  const items = runs.data?.pages.flatMap((page) => page.items) ?? [];
  const filtered = Boolean(status || search);

  return (
    <div className="mx-auto max-w-[1120px]">
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <PausedSearch
          label="Find runs by id, lead or e-mail"
          value={search ?? ""}
          onSearch={(text) => onFilter({ ...(status ? { status } : {}), ...(text ? { search: text } : {}) })}
        />
        <Select
          aria-label="Outcome"
          className="!w-44"
          value={status ?? ""}
          options={STATUS_OPTIONS}
          onValueChange={(value) =>
            onFilter({ ...(value ? { status: value as RunStatus } : {}), ...(search ? { search } : {}) })
          }
        />
        <div className="flex-1" />
        <div role="status">
          {live.fresh > 0 ? (
            <Button size="small" icon="arrow-up" onClick={() => void live.show()}>
              Show {live.fresh.toLocaleString("en")} new {live.fresh === 1 ? "run" : "runs"}
            </Button>
          ) : null}
        </div>
        {items.length > 0 ? <RunManyButton workflow={workflow} status={status} search={search} /> : null}
      </div>
      {runs.isPending ? (
        <RunListSkeleton />
      ) : runs.isError ? (
        <QueryError error={runs.error} onRetry={() => void runs.refetch()} />
      ) : items.length === 0 ? (
        <Card>
          <NoRuns filtered={filtered} onClear={() => onFilter({})} />
        </Card>
      ) : (
        <Card flush>
          <Table ref={table} aria-label="Runs">
            <thead>
              <tr>
                <HeadCell>Outcome</HeadCell>
                <HeadCell>About</HeadCell>
                {workflow ? null : <HeadCell>Workflow</HeadCell>}
                <HeadCell>Version</HeadCell>
                <HeadCell>Started</HeadCell>
                <HeadCell numeric>Took</HeadCell>
              </tr>
            </thead>
            <tbody>
              {items.map((run) => (
                <RunRow key={run.id} run={run} withWorkflow={!workflow} />
              ))}
            </tbody>
          </Table>
          {runs.hasNextPage ? (
            <div className="flex justify-center border-t border-border p-2">
              <Button
                variant="ghost"
                busy={runs.isFetchingNextPage}
                onClick={() => void runs.fetchNextPage()}
              >
                Show older runs
              </Button>
            </div>
          ) : null}
        </Card>
      )}
    </div>
  );
}

function RunRow({ run, withWorkflow }: { run: RunSummary; withWorkflow: boolean }) {
  return (
    <Row className="relative">
      <Cell className="w-32">
        <RunStatusChip status={run.status} />
      </Cell>
      <Cell className="max-w-[380px]">
        {/* The link covers its row, so that the whole row can be pressed and still is one link. */}
        <Link
          to="/runs/$id"
          params={{ id: run.id }}
          data-row-link
          className="block truncate rounded-sm text-base font-medium after:absolute after:inset-0"
        >
          {run.trigger_kind === "slice"
            ? `Slice of a big loop, from ${run.subject || "its beginning"} on`
            : run.subject || "Run without a subject"}
        </Link>
        {run.error ? (
          <p className="truncate text-bad">
            {run.error.message} <span className="font-mono text-xs">{run.error.code}</span>
          </p>
        ) : (
          <p className="truncate font-mono text-2xs text-faint">{run.id}</p>
        )}
      </Cell>
      {withWorkflow ? (
        <Cell className="max-w-[240px]">
          <Link
            to="/workflows/$id/runs"
            params={{ id: run.workflow_id }}
            className="relative z-10 block truncate rounded-sm text-muted hover:text-text hover:underline"
          >
            {run.workflow_name}
          </Link>
        </Cell>
      ) : null}
      <Cell>
        {run.draft ? <Chip tone="warn">Draft</Chip> : run.version === null ? null : `v${run.version}`}
      </Cell>
      <Cell className="whitespace-nowrap text-muted">
        <Moment at={run.started_at} />
      </Cell>
      <Cell numeric className="whitespace-nowrap text-muted">
        {run.duration_ms === 0 ? "under 1 ms" : timeWords(run.duration_ms)}
      </Cell>
    </Row>
  );
}

function NoRuns({ filtered, onClear }: { filtered: boolean; onClear: () => void }) {
  if (filtered) {
    return (
      <EmptyState
        icon="search"
        title="No run matches"
        action={<Button onClick={onClear}>Show all runs</Button>}
      >
        The search looks at the run’s id, the lead’s id and e-mail. Runs older than their workflow keeps them
        are gone.
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon="play"
      title="Nothing has run yet"
      action={
        <Link to="/workflows" className="font-medium text-accent-text hover:underline">
          Open the workflows
        </Link>
      }
    >
      Each time a workflow is started its run is kept here with everything it read, decided and wrote. Open a
      workflow and press “Send a sample” to see the first one.
    </EmptyState>
  );
}

function isScrolled(): boolean {
  return (document.getElementById("main")?.scrollTop ?? 0) > 8;
}

function RunListSkeleton() {
  return (
    <Loading label="Loading the runs">
      <Card flush>
        {["a", "b", "c", "d", "e", "f"].map((row) => (
          <div key={row} className="flex items-center gap-6 border-b border-border px-3 py-3 last:border-0">
            <Skeleton className="h-5 w-24 rounded-full" />
            <Skeleton className="h-4 w-56" />
            <div className="flex-1" />
            <Skeleton className="h-4 w-20" />
          </div>
        ))}
      </Card>
    </Loading>
  );
}
