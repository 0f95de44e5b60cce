import { changeOfMap, changesOfGraph, listed } from "../change";
import type { Clipping } from "../clipboard";
import type { Command } from "../command";
import { graphAt } from "../graph";
import type { FramePath } from "../types";

interface Args {
  path: FramePath;
  /** Already adapted to the document: free ids, and places where nothing stands. */
  clipping: Clipping;
  words?: string;
}

/** Adds copied steps. Also what "Duplicate" does with a copy that never left the page. */
export const pasteSteps: Command<Args> = {
  name: "paste-steps",
  undoable: true,
  words: ({ words, clipping }) =>
    words ?? (Object.keys(clipping.steps).length === 1 ? "Paste step" : "Paste steps"),
  run(document, { path, clipping }) {
    const graph = graphAt(document, path);
    if (!graph) return [];
    const steps = { ...graph.steps, ...clipping.steps };
    return [
      ...changesOfGraph(document, path, { steps, edges: [...graph.edges, ...clipping.edges] }),
      ...listed(
        changeOfMap(document, "layout", clipping.layout),
        changeOfMap(document, "samples", clipping.samples),
      ),
    ];
  },
};
