import { changesOfGraph, changeTo, keysOfStep, listed } from "../change";
import type { Command } from "../command";
import { graphAt, portOf } from "../graph";
import type { FramePath, Json, StepId } from "../types";

interface Args {
  path: FramePath;
  id: StepId;
  config: Record<string, Json>;
  /** Ports the step has after the edit. Edges of ports that went away (a removed case) go with them. */
  ports: readonly string[];
}

/** Changes how a step is set up. Typing in a row is one edit. */
export const setConfig: Command<Args> = {
  name: "set-config",
  undoable: true,
  words: () => "Change set-up",
  joinKey: ({ id }) => id,
  run(document, { path, id, config, ports }) {
    const graph = graphAt(document, path);
    const step = graph?.steps[id];
    if (!graph || !step) return [];
    const edges = graph.edges.filter((edge) => edge.from !== id || ports.includes(portOf(edge)));
    if (edges.length === graph.edges.length) {
      return listed(changeTo(document, [...keysOfStep(path, id), "config"], config));
    }
    return changesOfGraph(document, path, { steps: { ...graph.steps, [id]: { ...step, config } }, edges });
  },
};
