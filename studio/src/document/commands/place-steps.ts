import type { Command } from "../command";
import type { Positions } from "../placement";
import { moveSteps } from "./move-steps";

/**
 * Gives boxes without a place their first one when a document is opened. Nobody did this by hand, so it is not
 * something to undo.
 */
export const placeSteps: Command<{ positions: Positions }> = {
  name: "place-steps",
  undoable: false,
  words: () => "Place steps",
  run: (document, args) => moveSteps.run(document, args),
};
