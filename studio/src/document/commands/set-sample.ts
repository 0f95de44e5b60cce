import { changeOfMap, listed } from "../change";
import type { Command } from "../command";
import { findStep } from "../graph";
import type { Json, StepId } from "../types";

interface Args {
  id: StepId;
  /** `undefined` takes the pinned sample away. */
  sample: Json | undefined;
}

/** Pins sample data to a step, for previews, tests and "Send a sample". Runs never read it. */
export const setSample: Command<Args> = {
  name: "set-sample",
  undoable: true,
  words: ({ sample }) => (sample === undefined ? "Unpin sample" : "Pin sample"),
  run: (document, { id, sample }) =>
    findStep(document, id) ? listed(changeOfMap(document, "samples", { [id]: sample })) : [],
};
