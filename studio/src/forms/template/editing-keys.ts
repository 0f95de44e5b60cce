import { defaultKeymap } from "@codemirror/commands";

/** CodeMirror's own keys, but for Ctrl+Enter: that runs the draft from wherever one is. */
export const EDITING_KEYS = defaultKeymap.filter(({ key }) => key !== "Mod-Enter");
