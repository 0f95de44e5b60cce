/** Every shortcut of the editor: one table for the keys, the words in menus and the help. The keys are n8n's. */
import type { CanvasHandle } from "@/canvas";
import type { EditorContextValue } from "./editor-context";

interface Shortcut {
  /** As printed, "⌘" standing for Ctrl where there is no such key. */
  keys: string;
  words: string;
  group: "Build" | "Move around" | "Steps" | "Workflow";
  /** Also while a run is on the canvas, where nothing can be edited. */
  inRun?: boolean;
  /** Also while typing in a field. */
  whileTyping?: boolean;
  matches(event: KeyboardEvent): boolean;
  run(editor: EditorContextValue): void;
}

const plain =
  (...keys: string[]) =>
  (event: KeyboardEvent) =>
    !event.ctrlKey && !event.metaKey && !event.altKey && keys.includes(event.key);
const bare = (key: string) => (event: KeyboardEvent) => plain(key)(event) && !event.shiftKey;
const shifted = (key: string) => (event: KeyboardEvent) => plain(key)(event) && event.shiftKey;
const command =
  (key: string, shift = false) =>
  (event: KeyboardEvent) =>
    (event.ctrlKey || event.metaKey) &&
    !event.altKey &&
    event.shiftKey === shift &&
    event.key.toLowerCase() === key;
const canvas = (act: (handle: CanvasHandle) => void) => (editor: EditorContextValue) => {
  if (editor.canvas.current) act(editor.canvas.current);
};

export const SHORTCUTS: readonly Shortcut[] = [
  {
    keys: "Tab",
    words: "Add a step",
    group: "Build",
    matches: bare("Tab"),
    run: ({ actions }) => actions.openPalette(),
  },
  {
    keys: "⌘ Enter",
    words: "Run the draft",
    inRun: true,
    group: "Build",
    whileTyping: true,
    matches: command("enter"),
    run: ({ session }) => session.getState().patch({ dialog: "run" }),
  },
  {
    keys: "⇧ P",
    words: "Try the draft on the past",
    group: "Workflow",
    matches: shifted("P"),
    run: ({ session }) => session.getState().patch({ dialog: "past" }),
  },
  {
    keys: "⇧ D",
    words: "Dry run",
    group: "Workflow",
    matches: shifted("D"),
    run: ({ session }) => session.getState().patch({ dialog: "dry" }),
  },
  {
    keys: "⇧ T",
    words: "Tests",
    group: "Workflow",
    matches: shifted("T"),
    run: ({ session }) => session.getState().patch({ dialog: "tests" }),
  },
  {
    keys: "⇧⌥ T",
    words: "Tidy up",
    group: "Build",
    matches: (event) => event.altKey && event.shiftKey && event.code === "KeyT",
    run: ({ actions }) => actions.tidy(),
  },
  {
    keys: "⌘ Z",
    words: "Undo",
    group: "Build",
    matches: command("z"),
    run: ({ documents }) => documents.getState().undo(),
  },
  {
    keys: "⌘ ⇧ Z",
    words: "Redo",
    group: "Build",
    matches: (event) => command("z", true)(event) || command("y")(event),
    run: ({ documents }) => documents.getState().redo(),
  },
  { keys: "Enter", words: "Open the step", group: "Steps", matches: () => false, run: () => {} },
  {
    keys: "F2 or Space",
    words: "Rename the step",
    group: "Steps",
    matches: plain("F2", " "),
    run: ({ session }) => session.getState().startRenaming(),
  },
  {
    keys: "D",
    words: "Switch the step off or on",
    group: "Steps",
    matches: bare("d"),
    run: ({ actions }) => actions.toggleDisabled(),
  },
  {
    keys: "P",
    words: "Pin or unpin the step's output as sample",
    group: "Steps",
    matches: bare("p"),
    run: ({ actions }) => actions.togglePin(),
  },
  {
    keys: "C",
    words: "Connect the step to…",
    group: "Steps",
    matches: bare("c"),
    run: ({ session }) => session.getState().patch({ dialog: "connect" }),
  },
  {
    keys: "Delete",
    words: "Remove",
    group: "Steps",
    matches: plain("Delete", "Backspace"),
    run: ({ actions }) => actions.remove(),
  },
  {
    keys: "⌘ C, X, V",
    words: "Copy, cut and paste as JSON",
    group: "Steps",
    matches: () => false,
    run: () => {},
  },
  {
    keys: "⌘ D",
    words: "Duplicate",
    group: "Steps",
    matches: command("d"),
    run: ({ actions }) => actions.duplicate(),
  },
  {
    keys: "⌘ A",
    words: "Select all steps",
    group: "Steps",
    matches: command("a"),
    run: ({ actions }) => actions.selectAll(),
  },
  {
    keys: "Arrows",
    words: "Go to the connected step",
    group: "Move around",
    inRun: true,
    // On a card the canvas itself answers; this is for when nothing has the focus yet.
    matches: (event) => /^Arrow/.test(event.key) && !event.ctrlKey && !event.metaKey && !event.altKey,
    run: canvas((handle) => handle.enter()),
  },
  {
    keys: "⌥ Arrows",
    words: "Move the selected steps",
    group: "Steps",
    matches: () => false,
    run: () => {},
  },
  {
    keys: "⇧ Arrows",
    words: "Select along the way",
    group: "Move around",
    matches: () => false,
    run: () => {},
  },
  {
    keys: "1",
    words: "Fit everything",
    inRun: true,
    group: "Move around",
    matches: bare("1"),
    run: canvas((handle) => handle.fit()),
  },
  {
    keys: "0",
    words: "Zoom to 100 %",
    inRun: true,
    group: "Move around",
    matches: bare("0"),
    run: canvas((handle) => handle.resetZoom()),
  },
  {
    keys: "+",
    words: "Zoom in",
    inRun: true,
    group: "Move around",
    matches: plain("+", "="),
    run: canvas((handle) => handle.zoomIn()),
  },
  {
    keys: "-",
    words: "Zoom out",
    inRun: true,
    group: "Move around",
    matches: plain("-", "_"),
    run: canvas((handle) => handle.zoomOut()),
  },
  {
    keys: "Esc",
    words: "Close, or leave a loop's body",
    inRun: true,
    group: "Move around",
    matches: bare("Escape"),
    run: stepBack,
  },
  {
    keys: "⌘ S",
    words: "Save now",
    inRun: true,
    group: "Workflow",
    whileTyping: true,
    matches: command("s"),
    run: ({ autosave }) => void autosave.flush(),
  },
  {
    keys: "?",
    words: "Show this list",
    inRun: true,
    group: "Workflow",
    matches: plain("?"),
    run: ({ session }) => session.getState().patch({ dialog: "shortcuts" }),
  },
];

/** Escape takes one thing away at a time: the run, the data, the palette, the selection with its panel, the body. */
function stepBack({ session, actions }: EditorContextValue): void {
  const state = session.getState();
  if (state.watching) actions.backToEditing();
  else if (state.dataDock) state.patch({ dataDock: false });
  else if (state.palette) state.patch({ palette: null });
  else if (state.selection.length > 0 || state.selectedEdge) {
    state.select([]);
    document.querySelector<HTMLElement>("[data-add-step]")?.focus();
  } else actions.leaveBody();
}

const APPLE = /mac|iphone|ipad/i.test(navigator.userAgent);

/** Keys as this machine's keyboard prints them. */
export function keysHere(keys: string): string {
  if (APPLE) return keys.replaceAll(" ", "");
  return keys.replaceAll("⌘", "Ctrl ").replaceAll("⇧", "Shift ").replaceAll("⌥", "Alt ").replace(/\s+/g, " ");
}
