/** The code box behind JSON fields; loaded on demand. */
import { history, historyKeymap } from "@codemirror/commands";
import { json, jsonParseLinter } from "@codemirror/lang-json";
import { indentOnInput, syntaxHighlighting } from "@codemirror/language";
import { linter, lintGutter } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap } from "@codemirror/view";
import { useEffect, useMemo, useRef } from "react";
import type { AvailableData } from "../data/available";
import { becomeInsertTarget, type InsertTarget, leaveInsertTarget, PILL_MIME } from "../data/insert-target";
import { EDITING_KEYS } from "../template/editing-keys";
import { pillExtensions, setAvailable } from "../template/editor-pills";
import { colours, theme } from "./code-look";
import { pillForJson } from "./json-pill";

interface JsonEditorProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onBlur?: () => void;
  readonly label: string;
  readonly labelledBy?: string | undefined;
  readonly describedBy?: string | undefined;
  readonly readOnly: boolean;
  /** Names the pills of `{{ }}` holes. */
  readonly available: readonly AvailableData[];
}

const parseLinter = jsonParseLinter();

/** An empty box and a lone `{{ }}` are fine as they are; everything else has to be JSON. */
function lintJson(view: EditorView) {
  const text = view.state.doc.toString().trim();
  return text === "" || /^\{\{[^{}]*\}\}$/.test(text) ? [] : parseLinter(view);
}

function insertPill(view: EditorView, pill: string, at: number): void {
  const insert = pillForJson(view.state.doc.toString(), at, pill);
  view.dispatch({
    changes: { from: at, insert },
    selection: { anchor: at + insert.length },
    userEvent: "input.drop",
  });
  view.focus();
}

export default function JsonEditor(props: JsonEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const { value, available, label } = props;
  const target = useMemo<InsertTarget>(
    () => ({
      label,
      insert: (template) =>
        view.current && insertPill(view.current, template, view.current.state.selection.main.head),
    }),
    [label],
  );
  useEffect(() => () => leaveInsertTarget(target), [target]);

  useEffect(() => {
    if (!host.current) return;
    const { labelledBy, describedBy, readOnly } = latest.current;
    const made = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          history(),
          json(),
          indentOnInput(),
          syntaxHighlighting(colours),
          linter(lintJson, { delay: 300 }),
          lintGutter(),
          theme,
          pillExtensions,
          EditorView.lineWrapping,
          EditorState.readOnly.of(readOnly),
          keymap.of([...historyKeymap, ...EDITING_KEYS]),
          EditorView.contentAttributes.of({
            ...(labelledBy ? { "aria-labelledby": labelledBy } : { "aria-label": latest.current.label }),
            ...(describedBy ? { "aria-describedby": describedBy } : {}),
          }),
          EditorView.updateListener.of((update) => {
            if (update.focusChanged && update.view.hasFocus) becomeInsertTarget(target);
            if (update.focusChanged && !update.view.hasFocus) latest.current.onBlur?.();
            if (!update.docChanged) return;
            const text = update.state.doc.toString();
            if (text !== latest.current.value) latest.current.onChange(text);
          }),
          EditorView.domEventHandlers({
            drop: (event, current) => {
              const pill = event.dataTransfer?.getData(PILL_MIME);
              if (!pill) return false;
              event.preventDefault();
              insertPill(current, pill, current.posAtCoords({ x: event.clientX, y: event.clientY }, false));
              return true;
            },
          }),
        ],
      }),
    });
    view.current = made;
    made.dispatch({ effects: setAvailable.of(latest.current.available) });
    return () => {
      made.destroy();
      view.current = null;
    };
  }, [target]);

  useEffect(() => {
    view.current?.dispatch({ effects: setAvailable.of(available) });
  }, [available]);

  useEffect(() => {
    const current = view.current;
    if (!current || current.state.doc.toString() === value) return;
    current.dispatch({ changes: { from: 0, to: current.state.doc.length, insert: value } });
  }, [value]);

  return <div ref={host} />;
}
