/** Times and outcomes of a run in plain words. */
import type { RunStatus, StepStatus, StepView } from "@/api";
import { timeWords } from "@/canvas";

export const STEP_STATUS_WORDS: Readonly<Record<StepStatus, string>> = {
  pending: "Not started",
  running: "Running",
  waiting: "Waiting",
  uncertain: "Outcome unknown",
  done: "Done",
  failed: "Failed",
  skipped: "Skipped",
  cancelled: "Cancelled",
};

const TIME = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const TIME_SECONDS = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const DAY = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });
const DAY_YEAR = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

/** "today 09:41:07", "yesterday 09:41", "23 Nov 09:41"; in the reader's own time zone. */
export function startedInWords(at: string, now: Date): string {
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime())) return "";
  const days = daysBetween(moment, now);
  if (days === 0) return `today ${TIME_SECONDS.format(moment)}`;
  if (days === 1) return `yesterday ${TIME.format(moment)}`;
  const day = moment.getFullYear() === now.getFullYear() ? DAY.format(moment) : DAY_YEAR.format(moment);
  return `${day} ${TIME.format(moment)}`;
}

/** "14:05", "tomorrow 14:05", "3 Dec 14:05": the end of a wait. */
export function untilInWords(at: string, now: Date): string {
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime())) return "";
  const days = daysBetween(moment, now);
  if (days === 0) return TIME.format(moment);
  if (days === -1) return `tomorrow ${TIME.format(moment)}`;
  const day = moment.getFullYear() === now.getFullYear() ? DAY.format(moment) : DAY_YEAR.format(moment);
  return `${day} ${TIME.format(moment)}`;
}

/** Calendar days from `moment` to `now`. */
function daysBetween(moment: Date, now: Date): number {
  const midnight = (date: Date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
  return Math.round((midnight(now) - midnight(moment)) / 86_400_000);
}

/** When a waiting step goes on, wherever the step says so. */
export function wakeOf(step: StepView): string | null {
  const own = "waits_until" in step ? step.waits_until : undefined;
  const places: unknown[] = [own, step.error?.retry_at];
  for (const holder of [step.output, step.input]) {
    if (holder === null || typeof holder !== "object") continue;
    const { until, wake_at, waits_until } = holder as Record<string, unknown>;
    places.push(until, wake_at, waits_until);
  }
  const found = places.find((place) => typeof place === "string" && !Number.isNaN(Date.parse(place)));
  return typeof found === "string" ? found : null;
}

/** Something with a beginning and perhaps an end. */
interface Timed {
  readonly started_at?: string | null;
  readonly finished_at?: string | null;
  readonly duration_ms?: number | null;
}

/** Milliseconds since 1970 with the fraction that `Date` would drop; most steps take less than one. */
export function preciseTime(moment: string): number {
  const fraction = /\.(\d+)/.exec(moment)?.[1] ?? "";
  const whole = Date.parse(fraction === "" ? moment : moment.replace(`.${fraction}`, ""));
  return whole + (fraction === "" ? 0 : Number(`0.${fraction}`) * 1000);
}

/** How long it took in ms; `null` while it goes on. */
export function tookMs({ started_at, finished_at, duration_ms }: Timed): number | null {
  if (duration_ms === null || duration_ms === undefined) return null;
  const precise = started_at && finished_at ? preciseTime(finished_at) - preciseTime(started_at) : 0;
  // The recorded moments may be coarser than the measured duration.
  return precise > 0 && Math.abs(precise - duration_ms) <= 1 ? precise : duration_ms;
}

/** How long it took, in words; empty while it goes on. */
export function tookInWords(timed: Timed): string {
  const ms = tookMs(timed);
  return ms !== null && ms < 0.05 ? "< 0.1 ms" : timeWords(ms);
}

/** What a step came to, in words: "Done, 1 retry", "Waiting until 14:05". */
export function outcomeInWords(step: StepView, now: Date): string {
  if (step.status === "waiting") {
    const wake = wakeOf(step);
    return wake ? `Waiting until ${untilInWords(wake, now)}` : "Waiting";
  }
  const words = STEP_STATUS_WORDS[step.status];
  const retries = step.attempts - 1;
  if (retries < 1 || step.status === "skipped") return words;
  return `${words}, ${retries} ${retries === 1 ? "retry" : "retries"}`;
}

/** What a run is doing, for the live region. */
export const RUN_STATUS_SENTENCE: Readonly<Record<RunStatus, string>> = {
  queued: "The run is queued.",
  running: "The run is going on.",
  waiting: "The run is waiting.",
  paused: "The run is paused.",
  completed: "The run is completed.",
  failed: "The run failed.",
  cancelled: "The run was cancelled.",
};
