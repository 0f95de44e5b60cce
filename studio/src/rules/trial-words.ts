/** What a trial of a rule found, in a sentence. */
import type { Job } from "@/api";
import { many, number } from "@/jobs/job-words";

/** "41 leads would become MQL, 12 would cease to be MQL"; "Nothing would change" when nobody would. */
export function trialInWords(job: Job): string {
  if (job.status === "failed") return "It could not be tried";
  if (job.status === "running" && job.done === 0) return "Starting…";
  const telling = job.groups.filter(({ group }) => /^(reach:|cease:|enter$|leave$)/.test(group));
  const said = telling
    .filter(({ count }) => count > 0)
    .map(({ label, count }, place) => `${place === 0 ? many(count, "lead") : number(count)} ${label}`);
  const looked = `of ${many(job.done, "lead")}`;
  const other = job.groups.find(({ group }) => group === "other_score")?.count ?? 0;
  if (said.length > 0) return `${said.join(", ")} (${looked})`;
  if (other > 0) return `Nobody would cross a threshold; ${many(other, "score")} would change (${looked})`;
  return `Nothing would change (${looked})`;
}

/** Whether a job tried a rule on all leads. */
export function isTrial({ kind }: Job): boolean {
  return kind === "score_trial" || kind === "segment_trial";
}
