import { changesOfGraph } from "../change";
import type { Command } from "../command";
import { graphAt, portOf } from "../graph";
import { ERROR_PORT, type FramePath, type Step, type StepId } from "../types";

/** What a step does besides its own work. `undefined` removes an option. */
export type StepOptions = Pick<Step, "retry" | "timeout_seconds" | "on_error" | "join" | "note" | "disabled">;

interface Args {
  path: FramePath;
  ids: readonly StepId[];
  options: StepOptions;
}

const WORDS: Record<keyof StepOptions, string> = {
  retry: "Change retries",
  timeout_seconds: "Change time limit",
  on_error: "Change what happens on failure",
  join: "Change when it starts",
  note: "Change note",
  disabled: "Switch off step",
};

/** Changes options of one or more steps. Leaving the branch "when it fails" takes the edges of that port along. */
export const setOptions: Command<Args> = {
  name: "set-options",
  undoable: true,
  words({ options }) {
    if ("disabled" in options && !options.disabled) return "Switch on step";
    const [first] = Object.keys(options) as (keyof StepOptions)[];
    return first ? WORDS[first] : "Change options";
  },
  joinKey: ({ ids, options }) => `${ids.join()}:${Object.keys(options).join()}`,
  run(document, { path, ids, options }) {
    const graph = graphAt(document, path);
    if (!graph) return [];
    const steps = { ...graph.steps };
    for (const id of ids) {
      const step = steps[id];
      if (step) steps[id] = withoutUndefined({ ...step, ...options });
    }
    const edges = graph.edges.filter(
      (edge) =>
        portOf(edge) !== ERROR_PORT || !ids.includes(edge.from) || steps[edge.from]?.on_error === "branch",
    );
    return changesOfGraph(document, path, { steps, edges });
  },
};

function withoutUndefined(step: Step): Step {
  return Object.fromEntries(
    Object.entries(step).filter(([, value]) => value !== undefined),
  ) as unknown as Step;
}
