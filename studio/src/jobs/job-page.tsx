import { getRouteApi, Link } from "@tanstack/react-router";
import { type Job, useJob } from "@/api";
import { Moment } from "@/app/moment";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { TrialLeads } from "@/rules/trial-card";
import { isTrial, trialInWords } from "@/rules/trial-words";
import { BackTestResult } from "@/try/back-test-result";
import { DryRunResult } from "@/try/dry-run-result";
import { Card, Chip, Icon, Loading, Skeleton } from "@/ui";
import { GroupBar } from "./group-bar";
import { CancelJob, JobProgress } from "./job-progress";
import { groupToShow, headlineOf, JOB_KINDS, JOB_STATUS, nameOf, progressWords } from "./job-words";
import { MatchAgainResult } from "./match-again-result";
import { RunAgainResult } from "./run-again-result";
import { TryAgain } from "./try-again";
import { UnchangedLeads } from "./unchanged-leads";

const route = getRouteApi("/shell/jobs/$id");
const ALL = "all";

/** One job: how far it is, what came out, and each run of it. */
export function JobPage() {
  const { id } = route.useParams();
  const job = useJob(id);
  if (!job.data) {
    return (
      <Page title="Job" crumbs={[{ label: "Jobs", to: "/jobs" }]}>
        {job.isError ? (
          <QueryError error={job.error} onRetry={() => void job.refetch()} />
        ) : (
          <Loading label="Loading the job">
            <Skeleton className="h-8 w-96" />
            <Skeleton className="mt-4 h-4 w-full" />
          </Loading>
        )}
      </Page>
    );
  }
  return <JobScreen job={job.data} />;
}

function JobScreen({ job }: { job: Job }) {
  const { group: chosen, item } = route.useSearch();
  // "all" is written out: nothing in the address means nothing was chosen yet.
  const group = chosen === undefined ? groupToShow(job) : chosen === ALL ? "" : chosen;
  const navigate = route.useNavigate();
  const choose = (next: string) => void navigate({ search: { group: next || ALL }, replace: true });
  const open = (seq: number | null) =>
    void navigate({
      search: { group: group || ALL, ...(seq === null ? {} : { item: seq }) },
      replace: true,
    });
  const status = JOB_STATUS[job.status];
  return (
    <Page
      title={nameOf(job)}
      crumbs={crumbsOf(job)}
      status={
        <>
          <Chip tone={status.tone} dot>
            {status.label}
          </Chip>
          <span className="shrink-0 truncate text-sm text-muted">
            {JOB_KINDS[job.kind].label} · <Moment at={job.created_at} />
          </span>
        </>
      }
      actions={
        <>
          {job.status === "running" ? <CancelJob job={job} /> : null}
          <TryAgain job={job} />
          {job.workflow_id ? <BackToWorkflow id={job.workflow_id} /> : null}
        </>
      }
    >
      <div className="mx-auto flex max-w-[1120px] flex-col gap-4">
        <Card>
          <div className="flex flex-wrap items-start gap-x-4 gap-y-1">
            <h2 aria-live="polite" className="min-w-0 flex-1 text-xl leading-snug font-semibold text-balance">
              {isTrial(job) ? trialInWords(job) : headlineOf(job)}
            </h2>
            {wroteNothing(job) ? <NothingWritten /> : null}
          </div>
          {job.status === "running" ? (
            <div className="mt-3 flex items-center gap-3">
              <JobProgress job={job} className="flex-1" />
              <span className="text-sm text-muted tabular">{progressWords(job)}</span>
            </div>
          ) : null}
          {job.error ? (
            <div
              role="alert"
              className="mt-3 flex items-start gap-2 rounded-lg bg-bad-soft px-3 py-2 text-sm"
            >
              <Icon name="error" className="text-bad" />
              <span>{job.error}</span>
            </div>
          ) : null}
          <div className="mt-3.5 empty:hidden">
            <GroupBar label="Outcomes" groups={job.groups} value={group} onValueChange={choose} />
          </div>
        </Card>
        {job.kind === "back_test" ? (
          <BackTestResult job={job} group={group} open={item ?? null} onOpen={open} />
        ) : job.kind === "dry_run" ? (
          <DryRunResult job={job} group={group} open={item ?? null} onOpen={open} />
        ) : job.kind === "match_again" ? (
          <MatchAgainResult job={job} group={group} />
        ) : job.kind === "score_trial" || job.kind === "segment_trial" ? (
          <TrialLeads job={job} group={group} />
        ) : job.kind === "change_leads" ? (
          <UnchangedLeads job={job} group={group} />
        ) : job.kind === "assess" || job.kind === "count_leads" ? null : (
          <RunAgainResult job={job} group={group} />
        )}
      </div>
    </Page>
  );
}

function crumbsOf(job: Job) {
  const jobs = { label: "Jobs", to: "/jobs" as const };
  if (!job.workflow_id) return [jobs];
  const workflow = {
    label: job.workflow_name ?? "Workflow",
    to: "/workflows/$id" as const,
    params: { id: job.workflow_id },
  };
  return [workflow, jobs];
}

/** Trials write nothing, and neither does a look at what matching again would change. */
function wroteNothing({ kind, params }: Job): boolean {
  if (kind === "match_again") return (params as { preview?: boolean } | null)?.preview === true;
  return kind !== "run_again" && kind !== "assess" && kind !== "change_leads";
}

function NothingWritten() {
  return (
    <Chip tone="ok" icon="done">
      Nothing was written
    </Chip>
  );
}

function BackToWorkflow({ id }: { id: string }) {
  return (
    <Link
      to="/workflows/$id"
      params={{ id }}
      className="inline-flex h-8 items-center gap-1.5 rounded-md border border-border-strong bg-surface px-3 font-medium hover:bg-hover"
    >
      <Icon name="pencil" size={15} />
      Open the draft
    </Link>
  );
}
