import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { type Job, type TrialDetail, useJob, useJobItems } from "@/api";
import { GroupBar } from "@/jobs/group-bar";
import { CancelJob, JobProgress } from "@/jobs/job-progress";
import { number, progressWords } from "@/jobs/job-words";
import { Button, Cell, HeadCell, Row, Table } from "@/ui";
import { trialInWords } from "./trial-words";

/** Groups of which single leads are listed. */
const LISTED = /^(reach:|cease:|enter$|leave$)/;

/** What a draft would change for all leads: counts in a sentence, and the leads they are made of. */
export function TrialResult({ id }: { id: string }) {
  const job = useJob(id);
  if (!job.data) return <p className="text-sm text-muted">Starting…</p>;
  return <TrialOfJob job={job.data} />;
}

function TrialOfJob({ job }: { job: Job }) {
  const [group, setGroup] = useState("");
  const listed = job.groups.filter((one) => LISTED.test(one.group));
  return (
    <div className="flex flex-col gap-3">
      <p aria-live="polite" className="text-base font-semibold" data-trial={job.status}>
        {trialInWords(job)}
      </p>
      {job.status === "running" ? (
        <div className="flex items-center gap-3">
          <JobProgress job={job} className="flex-1" />
          <span className="text-sm text-muted tabular">{progressWords(job)}</span>
          <CancelJob job={job} size="small" />
        </div>
      ) : null}
      {job.error ? (
        <p role="alert" className="text-sm text-bad">
          {job.error}
        </p>
      ) : null}
      <GroupBar label="Leads by what would happen" groups={listed} value={group} onValueChange={setGroup} />
      {listed.some(({ count }) => count > 0) ? <TrialLeads job={job} group={group} /> : null}
    </div>
  );
}

/** The leads a trial names, each openable. */
export function TrialLeads({ job, group }: { job: Job; group: string }) {
  const items = useJobItems<TrialDetail>(job, group);
  const rows = items.data?.pages.flatMap((page) => page.items) ?? [];
  const labels = Object.fromEntries(job.groups.map((one) => [one.group, one.label]));
  return (
    <div className="overflow-auto rounded-lg border border-border">
      <Table aria-label="Leads for which something would change">
        <thead>
          <tr>
            <HeadCell>Lead</HeadCell>
            <HeadCell>What would happen</HeadCell>
            <HeadCell>Why</HeadCell>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ seq, subject, group: of, detail }) => (
            <Row key={seq}>
              <Cell>
                <Link
                  to="/leads/$id"
                  params={{ id: detail.lead_id }}
                  data-row-link
                  className="font-medium hover:underline"
                >
                  {subject || "Unnamed lead"}
                </Link>
              </Cell>
              <Cell className="whitespace-nowrap">{labels[of] ?? of}</Cell>
              <Cell className="text-muted">{whyOf(detail)}</Cell>
            </Row>
          ))}
        </tbody>
      </Table>
      {items.hasNextPage ? (
        <div className="p-2 text-center">
          <Button size="small" busy={items.isFetchingNextPage} onClick={() => void items.fetchNextPage()}>
            Show more
          </Button>
        </div>
      ) : null}
    </div>
  );
}

function whyOf({ old_score, new_score, why }: TrialDetail): string {
  if (why) return why;
  const before = old_score === null || old_score === undefined ? "no score" : number(old_score);
  return `${before} → ${number(new_score ?? 0)}`;
}
