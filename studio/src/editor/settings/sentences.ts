/** What the present settings of a workflow mean, one plain sentence each. Pure. */
import type { Priority, WorkflowSettings } from "@/document/types";

/** The server's own default. */
export const KEEP_DAYS = 30;

/** Names a template in a sentence: "Email", "Company and City". */
export type NameOfKey = (template: string) => string;

const NO_KEY = "Choose what makes two events be about the same thing.";

function isBlank(key: string): boolean {
  return key.trim() === "";
}

export function orderSentence({ order_by: order }: WorkflowSettings, name: NameOfKey): string {
  if (!order) return "Runs begin as their events come in, side by side.";
  if (isBlank(order.key)) return NO_KEY;
  const same = `the same ${name(order.key)}`;
  const where = order.space
    ? ` This holds across all workflows of the group “${order.space}”.`
    : " Other workflows take no notice.";
  return `Runs about ${same} go one after the other, in the order of their events; runs about different ones go side by side.${where}`;
}

export function mostSentence({ most_at_once: most }: WorkflowSettings): string {
  if (most === undefined) return "As many runs go at once as there is work for.";
  if (most === 1) return "One run at a time; the next begins when it is through.";
  return `At most ${most.toLocaleString("en")} runs go at once; further ones are queued and begin by themselves.`;
}

const PRIORITIES: Readonly<Record<Priority, string>> = {
  high: "Its runs go before those of all other workflows when there is much to do.",
  normal: "Its runs take their turn like those of other workflows.",
  low: "Its runs go after others when there is much to do, but never come to a standstill. Right for big imports.",
};

export function prioritySentence({ priority = "normal" }: WorkflowSettings): string {
  return PRIORITIES[priority];
}

export function debounceSentence({ debounce }: WorkflowSettings, name: NameOfKey): string {
  if (!debounce) return "Every event starts a run of its own at once.";
  const { key, seconds, keep = "last" } = debounce;
  if (isBlank(key)) return NO_KEY;
  return `Events with the same ${name(key)} that come shortly after one another become one run. It begins when it has been quiet for ${spanInWords(seconds)}, with the ${keep} of them.`;
}

export function dedupeSentence({ dedupe }: WorkflowSettings, name: NameOfKey): string {
  if (!dedupe) return "An event that comes twice runs twice.";
  if (isBlank(dedupe.key)) return NO_KEY;
  return `An event is ignored when one with the same ${name(dedupe.key)} came within ${spanInWords(dedupe.hours * 3600)}.`;
}

export function timeoutSentence({ timeout_minutes: minutes }: WorkflowSettings): string {
  if (minutes === undefined) return "A run may take as long as it needs.";
  return `A run that is not through after ${spanInWords(minutes * 60)}, waits included, is stopped and counts as failed.`;
}

export function errorSentence({ error_workflow: workflow }: WorkflowSettings, title: string): string {
  if (!workflow) return "A failed run is shown in red in the list of runs, and nothing else happens.";
  return `When a run fails, “${title}” is started and told which run it was and what went wrong.`;
}

export function historySentence({
  keep_days: keep = KEEP_DAYS,
  thin_after_days: thin,
}: WorkflowSettings): string {
  if (thin === undefined || thin >= keep)
    return `Everything a run read, decided and wrote can be looked at for ${days(keep)}, then it is deleted.`;
  return `Every run can be looked at in full for ${days(thin)}. After that, completed runs keep only how they began and ended, and failed ones stay whole. After ${days(keep)} all is deleted.`;
}

function days(count: number): string {
  return count === 1 ? "one day" : `${count.toLocaleString("en")} days`;
}

const UNITS = [
  [86_400, "day"],
  [3600, "hour"],
  [60, "minute"],
  [1, "second"],
] as const;

/** 7200 seconds are "2 hours"; the largest unit that fits without a rest. */
export function spanInWords(seconds: number): string {
  const [size, unit] = UNITS.find(([size]) => seconds >= size && seconds % size === 0) ?? [1, "second"];
  const count = seconds / size;
  return `${count.toLocaleString("en")} ${unit}${count === 1 ? "" : "s"}`;
}
