import { changeOfMap, listed } from "../change";
import type { Command } from "../command";
import type { Positions } from "../placement";

interface Args {
  positions: Positions;
}

export const moveSteps: Command<Args> = {
  name: "move-steps",
  undoable: true,
  words: ({ positions }) => {
    const count = Object.keys(positions).length;
    return count === 1 ? "Move step" : `Move ${count} steps`;
  },
  // Nudging with the keyboard makes many small moves; they are one.
  joinKey: ({ positions }) => Object.keys(positions).join(),
  run(document, { positions }) {
    return listed(changeOfMap(document, "layout", positions));
  },
};
