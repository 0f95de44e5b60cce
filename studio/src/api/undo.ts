/** Turning back what a run wrote. */
import { ask } from "./ask";
import type { Json, StepId } from "./types";

export interface UndoItem {
  step: StepId;
  /** "Lead Ada Lovelace". */
  what: string;
  lead_id?: string | null;
  /** The field: "Owner". */
  label: string;
  /** What stands there at present. */
  now?: Json;
  /** What it would be turned back to. */
  back_to?: Json;
  /** `changed_since`: somebody or something wrote there after the run; it is left alone. */
  state: "can" | "changed_since" | "cannot";
  /** Why it is left or cannot be undone. */
  why?: string | null;
}

export interface UndoPlan {
  items: UndoItem[];
  /** How many can be turned back. */
  can: number;
}

export interface Undone {
  undone: number;
  skipped: number;
  items: UndoItem[];
}

export const undoApi = {
  plan: (run: string, signal?: AbortSignal) =>
    ask<UndoPlan>("GET", "/runs/{id}/undo", { path: { id: run }, signal }),
  undo: (run: string) => ask<Undone>("POST", "/runs/{id}/undo", { path: { id: run } }),
};
