/** Jobs in plain words, and how their groups are coloured. */
import type { Job, JobGroup, JobKind, JobStatus } from "@/api";
import type { IconName, Tone } from "@/ui";

export const JOB_KINDS: Record<JobKind, { label: string; icon: IconName }> = {
  run_again: { label: "Running again", icon: "refresh" },
  back_test: { label: "Tried on the past", icon: "history" },
  import_read: { label: "List read", icon: "upload" },
  import_preview: { label: "Import previewed", icon: "eye" },
  import_undo: { label: "Import undone", icon: "undo" },
  dry_run: { label: "Dry run", icon: "eye" },
  match_again: { label: "Matching leads again", icon: "building" },
  find_duplicates: { label: "Search for duplicates", icon: "merge" },
  assess: { label: "Looking at every lead", icon: "gauge" },
  score_trial: { label: "Scores tried", icon: "gauge" },
  segment_trial: { label: "Segment tried", icon: "filter" },
  count_leads: { label: "Leads counted", icon: "sigma" },
  change_leads: { label: "Many leads changed", icon: "pencil" },
};

export const JOB_STATUS: Record<JobStatus, { label: string; tone: Tone }> = {
  running: { label: "At work", tone: "accent" },
  completed: { label: "Finished", tone: "ok" },
  failed: { label: "Failed", tone: "bad" },
  cancelled: { label: "Cancelled", tone: "neutral" },
};

const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** What a job is called beside its workflow's name: a trial by its days, all else as the server says. */
export function nameOf({ kind, title: full, params, workflow_name }: Job): string {
  const title = workflow_name ? full.replace(` of ${workflow_name}`, "") : full;
  if (kind !== "back_test" || typeof params !== "object" || params === null) return title;
  const { since, until } = params as { since?: unknown; until?: unknown };
  const [from, end] = [Date.parse(String(since)), Date.parse(String(until))];
  if (Number.isNaN(from) || Number.isNaN(end)) return title;
  // The end is not part of the span: a day that ends at midnight is that day.
  const [first, last] = [DAY.format(from), DAY.format(end - 1)];
  return first === last ? `The draft on ${first}` : `The draft on ${first} to ${last}`;
}

export const number = (count: number) => count.toLocaleString("en");

/** "1 run", "1,204 runs". */
export function many(count: number, one: string, more = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : more}`;
}

/** As many runs as one job takes, and as far as the server counts. */
export const MOST_COUNTED = 10_000;

/** "1,204 runs", "more than 10,000 runs". */
export function runsCounted(count: number): string {
  return count > MOST_COUNTED ? `more than ${many(MOST_COUNTED, "run")}` : many(count, "run");
}

/** "212 of 412", or "212" while it is not known how many there will be. */
export function progressWords({ done, total }: Pick<Job, "done" | "total">): string {
  return total === null ? number(done) : `${number(done)} of ${number(total)}`;
}

/** A group's label in the singular or plural; errors are the only thing a label counts. */
export function labelOf({ label, count }: JobGroup): string {
  return label.replace(/\berrors?$/i, (word) => {
    const one = word.replace(/s$/i, "");
    return count === 1 ? one : `${one}s`;
  });
}

/** The same as it stands alone, on a button or in a column. */
export function titleOf(group: JobGroup): string {
  const label = labelOf(group);
  return label.charAt(0).toUpperCase() + label.slice(1);
}

/** "371 same, 29 other owner, 3 new errors": groups that hold something, in the server's order. */
export function groupsInWords(groups: readonly JobGroup[]): string {
  return groups
    .filter(({ count }) => count > 0)
    .map((group) => `${number(group.count)} ${uncapitalised(labelOf(group))}`)
    .join(", ");
}

/** What a job goes through. */
const UNITS: Partial<Record<JobKind, string>> = {
  dry_run: "event",
  match_again: "lead",
  assess: "lead",
  score_trial: "lead",
  segment_trial: "lead",
  count_leads: "lead",
  change_leads: "lead",
};

/** The sentence that answers what the job was started for. */
export function headlineOf(job: Job): string {
  const unit = UNITS[job.kind] ?? "run";
  const groups = groupsInWords(job.groups);
  if (job.status === "failed") return "It could not be done";
  if (job.status === "running" && job.done === 0) return "Starting…";
  if (job.kind === "find_duplicates") {
    if (job.status === "running") return "Looking through all leads";
    return groups === "" ? "Looked through all leads" : `Looked through all leads: ${groups}`;
  }
  if (job.done === 0) return `There was no ${unit} to look at`;
  const [only, ...more] = job.groups.filter(({ count }) => count > 0);
  if (job.kind === "back_test" && job.status !== "running" && only?.group === "same" && more.length === 0) {
    return job.done === 1 ? "The run comes out the same" : `All ${many(job.done, "run")} come out the same`;
  }
  if (job.kind === "dry_run" && job.status !== "running" && job.done === 1 && only) {
    return /^would\b/i.test(only.label) ? `It ${uncapitalised(only.label)}` : titleOf(only);
  }
  return groups === "" ? many(job.done, unit) : `${many(job.done, unit)}: ${groups}`;
}

/** What to show first: of a trial that is over, the first group that is not as it was. "" is everything. */
export function groupToShow(job: Job): string {
  if (job.kind !== "back_test" || job.status === "running") return "";
  return job.groups.find(({ group, count }) => group !== "same" && count > 0)?.group ?? "";
}

function uncapitalised(label: string): string {
  // "MQL" and the like stay as they are.
  return /^[A-Z][^A-Z]/.test(label) ? label.charAt(0).toLowerCase() + label.slice(1) : label;
}

const FILLS: Record<string, string> = {
  same: "bg-ok-line",
  other_owner: "bg-lead",
  other_stage: "bg-data",
  other_score: "bg-trigger",
  other_writes: "bg-connect",
  other_path: "bg-logic",
  new_error: "bg-bad-line",
  not_known: "bg-idle",
};
const SPARE = ["bg-connect", "bg-data", "bg-lead", "bg-trigger", "bg-logic"];

/** The colour of a group; a group of a newer server gets one by its place. */
export function fillOf(group: string, place: number): string {
  const known = FILLS[group];
  if (known) return known;
  if (/fail|error|refused/.test(group)) return "bg-bad-line";
  if (/completed|done|started|writes/.test(group)) return "bg-ok-line";
  if (/cancel|nothing|skipped/.test(group)) return "bg-idle";
  return SPARE[place % SPARE.length] ?? "bg-idle";
}
