/** The live editor of a template field. Loaded on demand: CodeMirror is heavy and a form shows before it arrives. */
import { closeCompletion, startCompletion } from "@codemirror/autocomplete";
import { history, historyKeymap } from "@codemirror/commands";
import { Annotation, Compartment, EditorState, type Extension } from "@codemirror/state";
import { EditorView, keymap, placeholder as placeholderText, tooltips } from "@codemirror/view";
import { type Ref, useEffect, useImperativeHandle, useRef } from "react";
import type { AvailableData } from "../data/available";
import { PILL_MIME } from "../data/insert-target";
import { EDITING_KEYS } from "./editing-keys";
import { completionExtension } from "./editor-completion";
import {
  holeAtSelection,
  holeOfElement,
  type PlacedHole,
  pillExtensions,
  setAvailable,
  shortPills,
} from "./editor-pills";
import { templateTheme } from "./editor-theme";

/** What the field around the editor may ask of it. */
export interface TemplateEditorHandle {
  focus(): void;
  /** Puts text where the cursor is, or at the end if the field was never entered. */
  insert(text: string): void;
  /** Replaces a hole after it was edited; an empty text removes it. */
  replace(hole: PlacedHole, text: string): void;
  /** Opens the list of data at the cursor. */
  openList(): void;
}

export interface TemplateEditorProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly available: readonly AvailableData[];
  readonly multiline: boolean;
  /** Pills show the last part of their name only. Fixed for the life of the editor. */
  readonly short: boolean;
  readonly readOnly: boolean;
  readonly placeholder: string;
  readonly labelledBy?: string | undefined;
  readonly label?: string | undefined;
  readonly describedBy?: string | undefined;
  readonly invalid: boolean;
  readonly id?: string | undefined;
  readonly autoFocus?: boolean | undefined;
  readonly onFocusChange: (focused: boolean) => void;
  /** A pill was opened, by double-click or by F2 with the cursor beside it. */
  readonly onOpenHole: (hole: PlacedHole, anchor: DOMRect) => void;
  readonly ref?: Ref<TemplateEditorHandle>;
}

/** Marks changes that come from outside, so that they are not reported back. */
const fromOutside = Annotation.define<boolean>();

export default function TemplateEditor(props: TemplateEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const attributes = useRef(new Compartment());
  const { value, available, ref } = props;

  // The editor is made once; everything that can change later reaches it by the effects below.
  useEffect(() => {
    if (!host.current) return;
    const made = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [...baseExtensions(latest), attributes.current.of(attributesOf(latest.current))],
      }),
    });
    made.dispatch({ effects: setAvailable.of(latest.current.available) });
    view.current = made;
    if (latest.current.autoFocus) made.focus();
    return () => {
      made.destroy();
      view.current = null;
    };
  }, []);

  useEffect(() => {
    const current = view.current;
    if (!current) return;
    const text = current.state.doc.toString();
    if (text === value) return;
    current.dispatch({
      changes: { from: 0, to: text.length, insert: value },
      annotations: fromOutside.of(true),
    });
  }, [value]);

  useEffect(() => {
    view.current?.dispatch({ effects: setAvailable.of(available) });
  }, [available]);

  const { labelledBy, label, describedBy, invalid, id, placeholder, readOnly, multiline } = props;
  useEffect(() => {
    const extension = attributesOf({
      labelledBy,
      label,
      describedBy,
      invalid,
      id,
      placeholder,
      readOnly,
      multiline,
    });
    view.current?.dispatch({ effects: attributes.current.reconfigure(extension) });
  }, [labelledBy, label, describedBy, invalid, id, placeholder, readOnly, multiline]);

  useImperativeHandle(ref, () => handleOf(view), []);

  return <div ref={host} className="min-w-0 flex-1" />;
}

function handleOf(view: { current: EditorView | null }): TemplateEditorHandle {
  return {
    focus: () => view.current?.focus(),
    insert: (text) => {
      if (view.current) insertText(view.current, text);
    },
    replace: (hole, text) => {
      view.current?.dispatch({
        changes: { from: hole.from, to: hole.to, insert: text },
        selection: { anchor: hole.from + text.length },
        userEvent: "input",
      });
      view.current?.focus();
    },
    openList: () => {
      if (!view.current) return;
      view.current.focus();
      startCompletion(view.current);
    },
  };
}

function insertText(view: EditorView, text: string, at?: number): void {
  const { from, to } = at === undefined ? view.state.selection.main : { from: at, to: at };
  view.dispatch({
    changes: { from, to, insert: text },
    selection: { anchor: from + text.length },
    userEvent: "input.drop",
    scrollIntoView: true,
  });
  view.focus();
}

type Aria = Pick<
  TemplateEditorProps,
  "labelledBy" | "label" | "describedBy" | "invalid" | "id" | "placeholder" | "readOnly" | "multiline"
>;

function attributesOf(props: Aria): Extension {
  const attributes: Record<string, string> = {
    "aria-multiline": String(props.multiline),
    "aria-invalid": String(props.invalid),
    autocapitalize: "off",
    spellcheck: "false",
  };
  if (props.id) attributes.id = props.id;
  if (props.labelledBy) attributes["aria-labelledby"] = props.labelledBy;
  else if (props.label) attributes["aria-label"] = props.label;
  if (props.describedBy) attributes["aria-describedby"] = props.describedBy;
  if (props.readOnly) attributes["aria-readonly"] = "true";
  return [
    EditorView.contentAttributes.of(attributes),
    EditorState.readOnly.of(props.readOnly),
    EditorView.editable.of(!props.readOnly),
    placeholderText(props.placeholder),
  ];
}

type Latest = { readonly current: TemplateEditorProps };

function baseExtensions(latest: Latest): Extension[] {
  return [
    history(),
    shortPills.of(latest.current.short),
    pillExtensions,
    completionExtension,
    templateTheme,
    EditorView.lineWrapping,
    tooltips({ parent: document.body, position: "fixed" }),
    keymap.of([
      { key: "F2", run: (view) => openBeside(view, latest) },
      { key: "Alt-Enter", run: (view) => openBeside(view, latest) },
      { key: "Escape", run: closeCompletion, stopPropagation: true },
      ...historyKeymap,
      ...EDITING_KEYS,
    ]),
    latest.current.multiline ? [] : oneLine,
    EditorView.updateListener.of((update) => {
      if (update.focusChanged) latest.current.onFocusChange(update.view.hasFocus);
      const outside = update.transactions.some((transaction) => transaction.annotation(fromOutside));
      if (update.docChanged && !outside) latest.current.onChange(update.state.doc.toString());
    }),
    EditorView.domEventHandlers({
      mousedown: (event, view) => {
        const hole = holeOfElement(view, event.target);
        if (!hole) return false;
        event.preventDefault();
        view.focus();
        view.dispatch({ selection: { anchor: hole.from, head: hole.to } });
        return true;
      },
      dblclick: (event, view) => {
        const hole = holeOfElement(view, event.target);
        const chip = event.target instanceof Element ? event.target.closest("[data-hole]") : null;
        if (!hole || !chip || view.state.readOnly) return false;
        event.preventDefault();
        latest.current.onOpenHole(hole, chip.getBoundingClientRect());
        return true;
      },
      drop: (event, view) => {
        const pill = event.dataTransfer?.getData(PILL_MIME);
        if (!pill || view.state.readOnly) return false;
        event.preventDefault();
        insertText(view, pill, view.posAtCoords({ x: event.clientX, y: event.clientY }, false));
        return true;
      },
    }),
  ];
}

function openBeside(view: EditorView, latest: Latest): boolean {
  const hole = holeAtSelection(view.state);
  if (!hole || view.state.readOnly) return false;
  const start = view.coordsAtPos(hole.from) ?? view.dom.getBoundingClientRect();
  latest.current.onOpenHole(hole, new DOMRect(start.left, start.top, 1, start.bottom - start.top));
  return true;
}

/** Pasted line breaks become spaces, and Enter does nothing of its own. */
const oneLine: Extension = [
  keymap.of([{ key: "Enter", run: () => true }]),
  EditorState.transactionFilter.of((transaction) => {
    if (!transaction.docChanged || transaction.newDoc.lines === 1) return transaction;
    const text = transaction.newDoc.toString().replace(/\s*\n\s*/g, " ");
    return {
      changes: { from: 0, to: transaction.startState.doc.length, insert: text },
      selection: { anchor: Math.min(transaction.newSelection.main.head, text.length) },
      annotations: transaction.annotation(fromOutside) ? fromOutside.of(true) : [],
    };
  }),
];
