import { changeTo, listed } from "../change";
import type { Command } from "../command";

export const renameWorkflow: Command<{ name: string }> = {
  name: "rename-workflow",
  undoable: true,
  words: () => "Rename workflow",
  joinKey: () => "name",
  run: (document, { name }) => (name.trim() === "" ? [] : listed(changeTo(document, ["name"], name.trim()))),
};
