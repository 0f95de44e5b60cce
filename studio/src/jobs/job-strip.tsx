/**
 * A quiet strip under every page while work over many runs goes on, and a word when it is over. A chunk of its own:
 * most visits have no such work.
 */
import { Link, useNavigate, useRouterState } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { type Job, type JobStatus, useJobs } from "@/api";
import { Icon, toast } from "@/ui";
import { CancelJob, JobProgress } from "./job-progress";
import { groupsInWords, headlineOf, JOB_KINDS, nameOf, progressWords } from "./job-words";

export function JobStrip() {
  const jobs = useJobs().data ?? [];
  const here = useRouterState({ select: (state) => state.location.pathname });
  useFinishedNotice(jobs, here);
  const working = jobs.filter((job) => job.status === "running" && here !== addressOf(job));
  if (working.length === 0) return null;
  return (
    <section
      aria-label="Work going on"
      className="flex shrink-0 flex-col divide-y divide-border border-t border-border bg-surface"
    >
      {working.slice(0, 3).map((job) => (
        <div key={job.id} className="flex h-10 items-center gap-3 px-4">
          <Icon name={JOB_KINDS[job.kind].icon} size={16} className="text-muted" />
          <Link
            to="/jobs/$id"
            params={{ id: job.id }}
            className="min-w-0 truncate rounded-sm font-medium hover:underline"
          >
            {nameOf(job)}
          </Link>
          <JobProgress job={job} className="w-44 shrink-0" />
          <span className="shrink-0 text-sm text-muted tabular">{progressWords(job)}</span>
          <span className="min-w-0 flex-1 truncate text-sm text-faint">{groupsInWords(job.groups)}</span>
          <CancelJob job={job} size="small" />
        </div>
      ))}
    </section>
  );
}

const addressOf = (job: Job) => `/jobs/${job.id}`;

/** Tells once about each job that was seen at work and has ended since, unless its page is open. */
function useFinishedNotice(jobs: readonly Job[], here: string): void {
  const navigate = useNavigate();
  const before = useRef(new Map<string, JobStatus>());
  useEffect(() => {
    for (const job of jobs) {
      const was = before.current.get(job.id);
      before.current.set(job.id, job.status);
      if (was !== "running" || job.status === "running" || here === addressOf(job)) continue;
      toast({
        title: job.status === "completed" ? `${nameOf(job)}: finished` : `${nameOf(job)}: ${job.status}`,
        description: job.error ?? headlineOf(job),
        tone: job.status === "completed" ? "ok" : job.status === "failed" ? "bad" : "neutral",
        action: {
          label: "Open",
          onSelect: () => void navigate({ to: "/jobs/$id", params: { id: job.id }, search: {} }),
        },
      });
    }
  }, [jobs, here, navigate]);
}
