import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { type Fate, importKeys, importsApi, type ListImport } from "@/api";
import { sayError } from "@/app/say-error";
import { CancelJob, JobProgress } from "@/jobs/job-progress";
import { CancelRun } from "@/run/cancel-run";
import { PauseRun } from "@/run/pause-run";
import { Button, Card, Chip, ConfirmDialog, Progress } from "@/ui";
import { Counts } from "./preview-part";
import { count } from "./words";

/** An import that runs: how far it is, and how to hold or end it. */
export function RunningPart({ item }: { item: ListImport }) {
  const done = item.counts ? Object.values(item.counts).reduce((sum, number) => sum + number, 0) : 0;
  const total = item.total ?? 0;
  return (
    <>
      <Card
        title={item.status === "paused" ? "Paused" : "Importing"}
        aside={
          item.run_id ? (
            <>
              <PauseRun run={item.run_id} status={item.status === "paused" ? "paused" : "running"} />
              <CancelRun run={item.run_id} />
            </>
          ) : null
        }
      >
        <Progress label={`Importing ${item.name}`} value={done} max={Math.max(total, 1)} />
        <p className="mt-2 text-muted tabular" role="status">
          {count(done)} of {count(total)} rows. It goes on when you close this page, and after a restart.
        </p>
        {item.run_id ? (
          <Link
            to="/runs/$id"
            params={{ id: item.run_id }}
            className="mt-1 inline-block text-sm text-accent-text hover:underline"
          >
            Open its run
          </Link>
        ) : null}
      </Card>
      {item.counts ? <Counts counts={item.counts} /> : null}
    </>
  );
}

const FILES: { only?: Fate; label: string }[] = [
  { label: "Every row" },
  { only: "failed", label: "Rows that cannot be used" },
  { only: "created", label: "New leads" },
  { only: "updated", label: "Updated leads" },
];

/** What an import did: the counts, the result to take away, and the way back. */
export function DonePart({ item }: { item: ListImport }) {
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const undo = async () => {
    try {
      client.setQueryData(importKeys.one(item.id), await importsApi.undo(item.id));
    } catch (error) {
      sayError("The import was not undone")(error);
    }
  };
  return (
    <>
      {item.counts ? <Counts counts={item.counts} /> : null}
      {item.status === "undoing" && item.job ? (
        <Card title="Being undone" aside={<CancelJob job={item.job} />}>
          <JobProgress job={item.job} />
          <p className="mt-2 text-muted">What has changed since the import stays as it is.</p>
        </Card>
      ) : null}
      {item.status === "undone" && item.job ? (
        <Card title="Undone">
          <div className="flex flex-wrap gap-2">
            {item.job.groups.map((group) => (
              <Chip key={group.group}>
                {count(group.count)} {group.label}
              </Chip>
            ))}
          </div>
          <Link
            to="/jobs/$id"
            params={{ id: item.job.id }}
            className="mt-2 inline-block text-sm text-accent-text hover:underline"
          >
            See what stayed and why
          </Link>
        </Card>
      ) : null}
      <Card title="Result">
        <p className="text-muted">
          A file that accounts for every row: what became of it, why, and the lead it went to.
        </p>
        <div className="mt-3 flex flex-wrap gap-2">
          {FILES.map(({ only, label }) => (
            <a
              key={label}
              href={importsApi.resultAddress(item.id, only)}
              download
              className="inline-flex h-[30px] items-center rounded-md border border-border-strong bg-raised px-3 text-sm font-medium hover:bg-hover"
            >
              {label}
            </a>
          ))}
        </div>
        <div className="mt-4 flex flex-wrap items-center gap-3 border-t border-border pt-3">
          <Link
            to="/leads"
            search={{ import: item.id }}
            className="text-sm font-medium text-accent-text hover:underline"
          >
            See its leads
          </Link>
          {item.run_id ? (
            <Link
              to="/runs/$id"
              params={{ id: item.run_id }}
              className="text-sm font-medium text-accent-text hover:underline"
            >
              Open the run
            </Link>
          ) : null}
          {item.status === "undone" || item.status === "undoing" ? null : (
            <Button variant="danger" icon="undo" className="ml-auto" onClick={() => setAsking(true)}>
              Undo this import
            </Button>
          )}
        </div>
      </Card>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Undo the import of “${item.name}”?`}
        description="Leads it made that nobody touched since are removed; fields it changed go back to what they were. What has changed since stays, and is listed."
        confirmLabel="Undo the import"
        danger
        onConfirm={undo}
      />
    </>
  );
}
