import { changeOfMap, changesOfGraph, listed } from "../change";
import type { Command } from "../command";
import { edgeBetween, graphAt } from "../graph";
import type { FramePath, Point, Step, StepId } from "../types";

interface Args {
  path: FramePath;
  id: StepId;
  step: Step;
  at: Point;
  /** The port the new step is attached to, if any. */
  from?: { step: StepId; port: string };
}

/** Puts a new step on the canvas, attached below another one or standing free. */
export const addStep: Command<Args> = {
  name: "add-step",
  undoable: true,
  words: ({ step }) => `Add “${step.title}”`,
  run(document, { path, id, step, at, from }) {
    const graph = graphAt(document, path);
    if (!graph || graph.steps[id]) return [];
    const edges =
      from && graph.steps[from.step] ? [...graph.edges, edgeBetween(from.step, from.port, id)] : graph.edges;
    return [
      ...changesOfGraph(document, path, { steps: { ...graph.steps, [id]: step }, edges }),
      ...listed(changeOfMap(document, "layout", { [id]: at })),
    ];
  },
};
