import { changeTo, keysOfStep, listed } from "../change";
import type { Command } from "../command";
import { graphAt } from "../graph";
import type { FramePath, StepId } from "../types";

interface Args {
  path: FramePath;
  id: StepId;
  title: string;
}

/** Changes a step's title. Its id stays, so that expressions that read it keep working. */
export const renameStep: Command<Args> = {
  name: "rename-step",
  undoable: true,
  words: () => "Rename step",
  joinKey: ({ id }) => id,
  run(document, { path, id, title }) {
    const trimmed = title.trim();
    if (trimmed === "" || !graphAt(document, path)?.steps[id]) return [];
    return listed(changeTo(document, [...keysOfStep(path, id), "title"], trimmed));
  },
};
