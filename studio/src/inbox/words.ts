/** What people read about things that wait for them: the answers to choose from and what each leads to. */
import type { DecisionPort, InboxItem } from "@/api";

/** An answer as its button shows it. */
export interface Answer {
  readonly port: string;
  readonly label: string;
  /** One sentence: what will follow. Empty where the workflow's author named the answer and its name says it. */
  readonly follows: string;
}

const DECISIONS: Readonly<Record<DecisionPort, Omit<Answer, "port">>> = {
  happened: {
    label: "It happened",
    follows: "Nothing is sent again; the step counts as done and the run goes on.",
  },
  did_not: {
    label: "It did not, send it again",
    follows: "The same request is sent once more, under the same key.",
  },
  skip: {
    label: "Skip it",
    follows: "Nothing is sent again; the run goes on without this step’s result.",
  },
};

/** The answers in the order they are offered. */
export function answersTo(item: InboxItem): Answer[] {
  if (item.kind === "decision") {
    return (Object.keys(DECISIONS) as DecisionPort[]).map((port) => ({ port, ...DECISIONS[port] }));
  }
  return item.options.map(({ id, label }) => ({ port: id, label: label || id, follows: "" }));
}

/** "Approval" or the question itself, as the heading of its card. */
export function headingOf(item: InboxItem): string {
  if (item.title !== "") return item.title;
  return item.kind === "decision" ? "Did it happen?" : item.step_title;
}

/** Less than an hour is left. */
export function isSoon(due: string | null, now = Date.now()): boolean {
  return due !== null && Date.parse(due) - now < 3_600_000;
}

/** How long there is left: "due in 2 h", "overdue"; empty without a deadline. */
export function dueInWords(due: string | null, now: number): string {
  const at = due === null ? Number.NaN : Date.parse(due);
  if (Number.isNaN(at)) return "";
  const minutes = Math.round((at - now) / 60_000);
  if (minutes <= 0) return "due now";
  if (minutes < 60) return `due in ${minutes} min`;
  const hours = Math.round(minutes / 60);
  if (hours < 48) return `due in ${hours} h`;
  return `due in ${Math.round(hours / 24)} days`;
}
