/** How code looks in the forms, whatever its language. */
import { HighlightStyle } from "@codemirror/language";
import { EditorView } from "@codemirror/view";
import { tags } from "@lezer/highlight";

export const colours = HighlightStyle.define([
  { tag: tags.propertyName, color: "var(--text)" },
  { tag: tags.string, color: "var(--data-text)" },
  { tag: tags.number, color: "var(--lead-text)" },
  { tag: [tags.bool, tags.null], color: "var(--trigger-text)" },
  { tag: tags.punctuation, color: "var(--faint)" },
  { tag: [tags.keyword, tags.operatorKeyword], color: "var(--code-text)" },
  { tag: tags.comment, color: "var(--faint)", fontStyle: "italic" },
  { tag: [tags.regexp, tags.special(tags.string)], color: "var(--data-text)" },
]);

export const theme = EditorView.theme({
  "&": {
    fontSize: "12px",
    border: "1px solid var(--border-strong)",
    borderRadius: "7px",
    backgroundColor: "var(--surface)",
    maxHeight: "360px",
  },
  "&.cm-focused": {
    outline: "none",
    borderColor: "var(--accent)",
    boxShadow: "0 0 0 2px var(--accent-soft)",
  },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "19px", overflow: "auto" },
  ".cm-content": { padding: "6px 8px", minHeight: "84px", caretColor: "var(--text)" },
  "&.cm-focused .cm-content:focus-visible": { outline: "none" },
  ".cm-gutters": { backgroundColor: "transparent", border: "none" },
  ".cm-tooltip": {
    backgroundColor: "var(--raised)",
    border: "1px solid var(--border)",
    borderRadius: "6px",
    color: "var(--text)",
    zIndex: "60",
  },
});
