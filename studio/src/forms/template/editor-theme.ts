/** The dress of the template editor and of its list, from the studio's tokens. */
import { EditorView } from "@codemirror/view";

export const templateTheme = EditorView.theme({
  "&": { fontSize: "13px", backgroundColor: "transparent" },
  "&.cm-focused": { outline: "none" },
  ".cm-scroller": { fontFamily: "var(--font)", lineHeight: "22px", overflow: "hidden" },
  ".cm-content": { padding: "2px 0", caretColor: "var(--text)", minHeight: "22px" },
  ".cm-line": { padding: "0", lineHeight: "22px" },
  ".cm-placeholder": { color: "var(--faint)" },
  "&.cm-focused .cm-content:focus-visible": { outline: "none" },
  ".cm-tooltip.cm-tooltip-autocomplete": {
    border: "1px solid var(--border)",
    borderRadius: "8px",
    backgroundColor: "var(--raised)",
    boxShadow: "var(--shadow-float)",
    overflow: "hidden",
    zIndex: "60",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": {
    fontFamily: "var(--font)",
    fontSize: "12.5px",
    minWidth: "300px",
    maxWidth: "440px",
    maxHeight: "300px",
    padding: "4px",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > completion-section": {
    display: "block",
    padding: "6px 8px 3px",
    border: "none",
    opacity: "1",
    color: "var(--muted)",
    fontSize: "11px",
    fontWeight: "600",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": {
    display: "flex",
    alignItems: "center",
    gap: "8px",
    minHeight: "28px",
    padding: "2px 8px",
    borderRadius: "6px",
    lineHeight: "20px",
    color: "var(--text)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]": {
    backgroundColor: "var(--hover)",
    color: "var(--text)",
  },
  // The chip says the same with its colour; the label stays for searching and sorting only.
  ".cm-completionLabel": { display: "none" },
  ".cm-completionDetail": {
    marginLeft: "auto",
    fontStyle: "normal",
    color: "var(--muted)",
    maxWidth: "190px",
    overflow: "hidden",
    textOverflow: "ellipsis",
    whiteSpace: "nowrap",
  },
});
