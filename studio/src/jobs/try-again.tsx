import { useEffect } from "react";
import { type Job, jobsApi, type RunVersion } from "@/api";
import { useStart } from "@/try/use-start";
import { Button, toast } from "@/ui";

/** Does the same once more with the draft as it is by now: after a change one wants to see what it did. */
export function TryAgain({ job }: { job: Job }) {
  const { start, busy, refusal } = useStart();
  useEffect(() => {
    if (!refusal) return;
    toast({
      tone: "bad",
      title: "It did not start",
      description: [refusal.detail || refusal.title, refusal.action].filter(Boolean).join(" "),
      ...(refusal.code ? { code: refusal.code } : {}),
    });
  }, [refusal]);
  const again = againOf(job);
  if (!again || job.status === "running") return null;
  return (
    <Button icon="refresh" busy={busy} onClick={() => void start(again)}>
      Try again
    </Button>
  );
}

interface Params {
  since?: string;
  until?: string;
  most?: number;
  run_id?: string;
  from?: string | null;
  version?: RunVersion;
  trigger?: string | null;
  payload?: unknown;
  file?: string | null;
}

/** The call that starts it once more; null where the job does not hold what it takes. */
export function againOf({ kind, workflow_id: workflow, params }: Job): (() => Promise<Job>) | null {
  if (!workflow || kind === "run_again" || typeof params !== "object" || params === null) return null;
  const { since, until, most, run_id, from, version = "draft", trigger, payload, file } = params as Params;
  if (kind === "back_test") {
    if (!since || !until) return null;
    const limit = most === undefined ? {} : { most };
    return () => jobsApi.backTest(workflow, { since, until, ...limit, version: "draft" });
  }
  if (run_id) {
    return async () => {
      const { job } = await jobsApi.runAgain(run_id, { ...(from ? { from } : {}), version, dry: true });
      if (!job) throw new Error("the server did not say which job it is");
      return job;
    };
  }
  if (version !== "draft" && version !== "current") return null;
  const common = { version, ...(trigger ? { trigger } : {}) };
  if (file) return () => jobsApi.dryRun(workflow, { ...common, file });
  return payload === undefined || payload === null
    ? null
    : () => jobsApi.dryRun(workflow, { ...common, payload });
}
