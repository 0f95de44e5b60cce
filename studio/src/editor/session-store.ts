/** What is selected, open or watched in this tab. None of it is saved, none of it can be undone. */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { RunView, StepTest } from "@/api";
import type { KnownOutputs } from "@/document/available-data";
import type { Edge, FramePath, Json, Point, StepId } from "@/document/types";

export type PanelTab = "setup" | "input" | "output";

/** Where a step chosen in the palette goes. */
export type PaletteTarget =
  | { where: "after"; step: StepId; port: string; at?: Point | undefined }
  | { where: "edge"; edge: Edge }
  | { where: "free" };

type OpenDialog = "publish" | "run" | "past" | "dry" | "tests" | "shortcuts" | "connect" | "settings" | null;

export interface Watching {
  id: string;
  /** `null` until the server's first answer. */
  run: RunView | null;
  playing: boolean;
}

export interface SessionState {
  path: FramePath;
  selection: readonly StepId[];
  selectedEdge: string | null;
  /** Whether the panel shows the selected step. Pressing a card opens it; dragging one must not resize the canvas. */
  panelOpen: boolean;
  tab: PanelTab;
  /** The title is about to be taken for editing; the panel sets it back. */
  renaming: boolean;
  dataDock: boolean;
  palette: PaletteTarget | null;
  dialog: OpenDialog;
  /** What a right-click was on; `null` is the empty canvas. */
  menuOn: StepId | null;
  /** The run shown on the canvas instead of the set-up, as far as it has been played back. */
  watching: Watching | null;
  /** Samples for previews: outputs of the last run watched, of step tests, and what was worked out from them. */
  outputs: KnownOutputs;
  tests: Readonly<Record<StepId, StepTest>>;
}

interface SessionActions {
  select(ids: readonly StepId[]): void;
  enter(path: FramePath): void;
  patch(part: Partial<SessionState>): void;
  learn(outputs: Readonly<Record<StepId, Json>>): void;
  /** Takes back outputs of steps that have been set up differently since. */
  forget(ids: readonly StepId[]): void;
  workOut(rehearsed: Readonly<Record<StepId, Json>>): void;
  keepTest(step: StepId, test: StepTest): void;
  startRenaming(): void;
}

export type Session = SessionState & SessionActions;
export type SessionStore = StoreApi<Session>;

const START: SessionState = {
  path: [],
  selection: [],
  selectedEdge: null,
  panelOpen: false,
  tab: "setup",
  renaming: false,
  dataDock: false,
  palette: null,
  dialog: null,
  menuOn: null,
  watching: null,
  outputs: { seen: {} },
  tests: {},
};

export function createSessionStore(): SessionStore {
  return createStore<Session>((set) => ({
    ...START,
    select: (selection) =>
      set((state) => {
        const same = sameIds(selection, state.selection);
        const panelOpen = state.panelOpen && selection.length > 0;
        return { selection, selectedEdge: null, panelOpen, dataDock: state.dataDock && same };
      }),
    enter: (path) => set({ path, selection: [], selectedEdge: null, palette: null }),
    patch: (part) => set(part),
    learn: (seen) => set(({ outputs }) => ({ outputs: { ...outputs, seen: { ...outputs.seen, ...seen } } })),
    forget: (ids) =>
      set(({ outputs }) => {
        const left = Object.entries(outputs.seen).filter(([id]) => !ids.includes(id));
        return { outputs: { ...outputs, seen: Object.fromEntries(left) } };
      }),
    workOut: (rehearsed) => set(({ outputs }) => ({ outputs: { ...outputs, rehearsed } })),
    keepTest: (step, test) => set((state) => ({ tests: { ...state.tests, [step]: test } })),
    startRenaming: () => set({ renaming: true, panelOpen: true }),
  }));
}

function sameIds(left: readonly StepId[], right: readonly StepId[]): boolean {
  return left.length === right.length && left.every((id) => right.includes(id));
}
