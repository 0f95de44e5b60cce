/** What an edit is. Each command is one object in one file under `commands/`. */
import type { Change } from "./change";
import type { WorkflowDocument } from "./types";

export interface Command<Args> {
  /** Stable name, also used to tell which edits may be joined into one. */
  name: string;
  /** Whether the edit can be undone by the user. Housekeeping (first placement of boxes) is not. */
  undoable: boolean;
  /** The words on the undo button: "Move step". */
  words(args: Args): string;
  /** Edits in a row with the same key become one entry of the history (typing). */
  joinKey?(args: Args): string;
  /** The changes this edit makes; an empty list when there is nothing to do. */
  run(document: WorkflowDocument, args: Args): Change[];
}
