/** Undo and redo. A history is a value: every operation returns a new one. */
import { applyChanges, type Change, invert, merge } from "./change";
import type { Command } from "./command";
import type { WorkflowDocument } from "./types";

/** Edits closer together than this, with the same join key, are one. In milliseconds. */
export const JOIN_WITHIN = 1500;
/** How many steps back are kept; older ones are dropped. */
export const LONGEST_PAST = 200;

export interface Entry {
  words: string;
  changes: Change[];
  joinKey: string | null;
  /** When the last edit of the entry was made, in milliseconds. */
  at: number;
}

export interface History {
  document: WorkflowDocument;
  past: readonly Entry[];
  future: readonly Entry[];
}

export function startHistory(document: WorkflowDocument): History {
  return { document, past: [], future: [] };
}

/** Runs a command. Returns the same history when the command changes nothing. */
export function execute<Args>(history: History, command: Command<Args>, args: Args, now: number): History {
  const changes = command.run(history.document, args);
  if (changes.length === 0) return history;
  const document = applyChanges(history.document, changes);
  if (!command.undoable) return { ...history, document };
  const key = command.joinKey ? `${command.name}:${command.joinKey(args)}` : null;
  const entry: Entry = { words: command.words(args), changes, joinKey: key, at: now };
  return { document, past: remember(history, entry), future: [] };
}

export function undo(history: History): History {
  const entry = history.past.at(-1);
  if (!entry) return history;
  return {
    document: applyChanges(history.document, invert(entry.changes)),
    past: history.past.slice(0, -1),
    future: [...history.future, entry],
  };
}

export function redo(history: History): History {
  const entry = history.future.at(-1);
  if (!entry) return history;
  return {
    document: applyChanges(history.document, entry.changes),
    // A redone entry is closed: typing after it starts a new one.
    past: [...history.past, { ...entry, joinKey: null }],
    future: history.future.slice(0, -1),
  };
}

function remember(history: History, entry: Entry): readonly Entry[] {
  const last = history.past.at(-1);
  const joins =
    last !== undefined &&
    entry.joinKey !== null &&
    last.joinKey === entry.joinKey &&
    history.future.length === 0;
  if (last && joins && entry.at - last.at <= JOIN_WITHIN) {
    const joined = { ...entry, changes: merge(last.changes, entry.changes) };
    return [...history.past.slice(0, -1), joined];
  }
  return [...history.past, entry].slice(-LONGEST_PAST);
}
