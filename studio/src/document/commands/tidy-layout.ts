import type { Command } from "../command";
import type { Positions } from "../placement";
import { moveSteps } from "./move-steps";

/** Places every box of a graph afresh. The positions come from the canvas, which knows how cards are laid out. */
export const tidyLayout: Command<{ positions: Positions }> = {
  name: "tidy-layout",
  undoable: true,
  words: () => "Tidy",
  run: (document, args) => moveSteps.run(document, args),
};
