import { changeTo, listed } from "../change";
import type { Command } from "../command";
import type { WorkflowDocument } from "../types";

interface Args {
  document: WorkflowDocument;
  words: string;
}

/** Takes over a whole document (the demo, pasted JSON) under the present name, so that one undo brings all back. */
export const replaceDocument: Command<Args> = {
  name: "replace-document",
  undoable: true,
  words: ({ words }) => words,
  run(now, { document }) {
    const keys = ["description", "steps", "edges", "layout", "samples", "vars", "settings"] as const;
    return listed(...keys.map((key) => changeTo(now, [key], document[key])));
  },
};
