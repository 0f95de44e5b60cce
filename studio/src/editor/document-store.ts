/** The document being edited and its history. The only way to change it is a command. */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { Command } from "@/document/command";
import { execute, type History, redo, startHistory, undo } from "@/document/history";
import type { WorkflowDocument } from "@/document/types";

export interface DocumentState {
  history: History;
  /** Runs a command; `false` when it changed nothing. */
  edit<Args>(command: Command<Args>, args: Args): boolean;
  undo(): void;
  redo(): void;
  /** Starts afresh with another document, for example the server's after a conflict. */
  open(document: WorkflowDocument): void;
}

export type DocumentStore = StoreApi<DocumentState>;

export function createDocumentStore(document: WorkflowDocument, now: () => number = Date.now): DocumentStore {
  return createStore<DocumentState>((set, get) => ({
    history: startHistory(document),
    edit(command, args) {
      const before = get().history;
      const history = execute(before, command, args, now());
      if (history === before) return false;
      set({ history });
      return true;
    },
    undo: () => set(({ history }) => ({ history: undo(history) })),
    redo: () => set(({ history }) => ({ history: redo(history) })),
    open: (opened) => set({ history: startHistory(opened) }),
  }));
}
