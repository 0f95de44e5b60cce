import { useQueryClient } from "@tanstack/react-query";
import { type Job, jobKeys, jobsApi } from "@/api";
import { sayError } from "@/app/say-error";
import { Button, Progress } from "@/ui";
import { nameOf, progressWords } from "./job-words";

/** How far a job is. */
export function JobProgress({ job, className }: { job: Job; className?: string }) {
  return (
    <Progress
      label={`${nameOf(job)}: ${progressWords(job)}`}
      {...(job.total === null ? {} : { value: job.done, max: Math.max(job.total, 1) })}
      {...(className ? { className } : {})}
    />
  );
}

/** Stops a job; what is done stays done, and its results stay to be looked at. */
export function CancelJob({ job, size = "medium" }: { job: Job; size?: "small" | "medium" }) {
  const client = useQueryClient();
  const cancel = async () => {
    try {
      await jobsApi.cancel(job.id);
      await client.invalidateQueries({ queryKey: jobKeys.all });
    } catch (error) {
      sayError("It was not cancelled")(error);
    }
  };
  return (
    <Button size={size} icon="stop" onClick={() => void cancel()}>
      Cancel
    </Button>
  );
}
