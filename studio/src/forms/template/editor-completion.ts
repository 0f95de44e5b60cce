/**
 * The list of data that opens inside a template field: after typing `{` anywhere, `/` at the start of a word, or
 * with the + button. Typing on narrows it; with nothing left to offer it goes away and the text stays text.
 */
import {
  autocompletion,
  type Completion,
  type CompletionContext,
  type CompletionResult,
} from "@codemirror/autocomplete";
import type { Extension } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import { createElement } from "react";
import {
  type AvailableData,
  type DataLeaf,
  holeOf,
  inShort,
  leavesOf,
  searchLeaves,
} from "../data/available";
import { availableField } from "./editor-pills";
import { pillOf } from "./pill";
import { PillChip } from "./pill-chip";
import { staticDom } from "./static-dom";

/** Enough to look through; typing narrows the rest. */
const SHOWN = 60;

/** The piece of text before the cursor that calls for the list: from where it is replaced, and what is searched. */
export function callForData(before: string): { from: number; query: string } | null {
  const brace = /\{\{?([^{}\n]{0,40})$/.exec(before);
  if (brace) return { from: brace.index, query: (brace[1] ?? "").trim() };
  const slash = /(^|\s)\/([^/{}\n]{0,40})$/.exec(before);
  if (slash) return { from: slash.index + (slash[1] ?? "").length, query: (slash[2] ?? "").trim() };
  return null;
}

interface DataCompletion extends Completion {
  readonly leaf: DataLeaf;
}

function complete(context: CompletionContext): CompletionResult | null {
  const line = context.state.doc.lineAt(context.pos);
  const call = callForData(context.state.sliceDoc(line.from, context.pos));
  if (!call && !context.explicit) return null;
  const available = context.state.field(availableField);
  const found = searchLeaves(leavesOf(available), call?.query ?? "").slice(0, SHOWN);
  if (found.length === 0) return null;
  return {
    from: call ? line.from + call.from : context.pos,
    options: found.map((leaf) => optionOf(leaf, available)),
    // Our own search looks at titles and sample values as well, so the list is asked for anew on every key.
    filter: false,
  };
}

function optionOf(leaf: DataLeaf, available: readonly AvailableData[]): DataCompletion {
  const rank = available.indexOf(leaf.root);
  return {
    label: leaf.trail || `All of ${leaf.root.title}`,
    detail: inShort(leaf.node.value, 36),
    section: { name: leaf.root.title, rank },
    apply: (view: EditorView, _: Completion, from: number, to: number) => insert(view, leaf, from, to),
    leaf,
  };
}

function insert(view: EditorView, leaf: DataLeaf, from: number, to: number): void {
  // A hole half-typed by hand may already have its closing braces.
  const rest = /^\s*\}\}?/.exec(view.state.sliceDoc(to, to + 4))?.[0] ?? "";
  const opened = view.state.sliceDoc(from, to).startsWith("{");
  const hole = holeOf(leaf.node);
  view.dispatch({
    changes: { from, to: to + (opened ? rest.length : 0), insert: hole },
    selection: { anchor: from + hole.length },
    userEvent: "input.complete",
    scrollIntoView: true,
  });
}

function swatch(completion: Completion): Node | null {
  const { leaf } = completion as DataCompletion;
  const pill = pillOf({ path: leaf.node.path, filters: [] }, [leaf.root]);
  const chip = { ...pill, source: leaf.trail || leaf.root.title, field: "" };
  return staticDom(createElement(PillChip, { pill: chip, className: "pointer-events-none" }));
}

/** The list as an extension of the editor. */
export const completionExtension: Extension = autocompletion({
  override: [complete],
  icons: false,
  activateOnTyping: true,
  activateOnTypingDelay: 20,
  closeOnBlur: true,
  selectOnOpen: true,
  maxRenderedOptions: SHOWN,
  tooltipClass: () => "template-completion",
  addToOptions: [{ render: swatch, position: 20 }],
});
