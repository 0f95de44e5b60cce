import { changeTo, listed } from "../change";
import type { Command } from "../command";
import type { WorkflowSettings } from "../types";

interface Args {
  /** `undefined` takes a setting back to its default. */
  settings: { [Name in keyof WorkflowSettings]: WorkflowSettings[Name] | undefined };
}

const WORDS: Readonly<Record<keyof WorkflowSettings, string>> = {
  keep_days: "Change how long runs are kept",
  thin_after_days: "Change how long runs are kept",
  timeout_minutes: "Change the time limit of runs",
  order_by: "Change the order of runs",
  most_at_once: "Change how many run at once",
  priority: "Change the priority",
  debounce: "Change what bursts become",
  dedupe: "Change what happens to repeats",
  error_workflow: "Change the error workflow",
};

/** Changes how the workflow's runs are ordered, limited and kept. Typing in one field is one edit. */
export const setSettings: Command<Args> = {
  name: "set-settings",
  undoable: true,
  words({ settings }) {
    const [first] = Object.keys(settings) as (keyof WorkflowSettings)[];
    return first ? WORDS[first] : "Change settings";
  },
  joinKey: ({ settings }) => Object.keys(settings).join(),
  run(document, { settings }) {
    const next = Object.fromEntries(
      Object.entries({ ...document.settings, ...settings }).filter(([, value]) => value !== undefined),
    );
    return listed(changeTo(document, ["settings"], Object.keys(next).length === 0 ? undefined : next));
  },
};
