import { getRouteApi, Link } from "@tanstack/react-router";
import { type Job, useJobs } from "@/api";
import { Moment } from "@/app/moment";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { Card, Cell, Chip, EmptyState, HeadCell, Icon, Loading, Row, Skeleton, Table } from "@/ui";
import { JobProgress } from "./job-progress";
import { groupsInWords, headlineOf, JOB_KINDS, JOB_STATUS, nameOf, progressWords } from "./job-words";

const route = getRouteApi("/shell/jobs");

/** Work over many runs: what goes on and what came of it. */
export function JobsPage() {
  const jobs = useJobs();
  const { workflow } = route.useSearch();
  const shown = jobs.data?.filter((job) => !workflow || job.workflow_id === workflow) ?? [];
  return (
    <Page
      title="Jobs"
      crumbs={[{ label: "Runs", to: "/runs" }]}
      actions={
        workflow ? (
          <Link
            to="/jobs"
            search={{}}
            className="rounded-md px-2 py-1 font-medium text-muted hover:bg-hover hover:text-text"
          >
            Show the jobs of every workflow
          </Link>
        ) : null
      }
    >
      <div className="mx-auto max-w-[1120px]">
        {jobs.isPending ? (
          <Loading label="Loading the jobs">
            <Card>
              <Skeleton className="h-5 w-64" />
              <Skeleton className="mt-3 h-5 w-80" />
            </Card>
          </Loading>
        ) : jobs.isError ? (
          <QueryError error={jobs.error} onRetry={() => void jobs.refetch()} />
        ) : shown.length === 0 ? (
          <Card>
            <NoJobs />
          </Card>
        ) : (
          <Card flush>
            <Table aria-label="Jobs">
              <thead>
                <tr>
                  <HeadCell>State</HeadCell>
                  <HeadCell>What</HeadCell>
                  <HeadCell>Result</HeadCell>
                  <HeadCell>Started</HeadCell>
                </tr>
              </thead>
              <tbody>
                {shown.map((job) => (
                  <JobRow key={job.id} job={job} />
                ))}
              </tbody>
            </Table>
          </Card>
        )}
      </div>
    </Page>
  );
}

function JobRow({ job }: { job: Job }) {
  const status = JOB_STATUS[job.status];
  return (
    <Row className="relative">
      <Cell className="w-28">
        <Chip tone={status.tone} dot>
          {status.label}
        </Chip>
      </Cell>
      <Cell className="max-w-[340px]">
        <Link
          to="/jobs/$id"
          params={{ id: job.id }}
          data-row-link
          className="block truncate rounded-sm text-base font-medium after:absolute after:inset-0"
        >
          {nameOf(job)}
        </Link>
        <p className="flex items-center gap-1.5 truncate text-xs text-muted">
          <Icon name={JOB_KINDS[job.kind].icon} size={13} />
          {[JOB_KINDS[job.kind].label, job.workflow_name].filter(Boolean).join(" · ")}
        </p>
      </Cell>
      <Cell className="max-w-[380px]">
        {job.status === "running" ? (
          <div className="flex items-center gap-2.5">
            <JobProgress job={job} className="w-32 shrink-0" />
            <span className="shrink-0 text-muted tabular">{progressWords(job)}</span>
            <span className="truncate text-faint">{groupsInWords(job.groups)}</span>
          </div>
        ) : (
          <p className="truncate text-muted">{job.error ?? headlineOf(job)}</p>
        )}
      </Cell>
      <Cell className="w-28 whitespace-nowrap text-muted">
        <Moment at={job.created_at} />
      </Cell>
    </Row>
  );
}

function NoJobs() {
  return (
    <EmptyState
      icon="history"
      title="No jobs yet"
      action={
        <Link to="/workflows" className="font-medium text-accent-text hover:underline">
          Open the workflows
        </Link>
      }
    >
      Work over many runs is kept here: trying a draft on the past, dry runs, and running many runs again.
      Open a workflow and press “Try”, or choose runs in its list and press “Run these again”.
    </EmptyState>
  );
}
