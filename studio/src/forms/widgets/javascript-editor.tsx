/** The code box behind JavaScript fields; loaded on demand. */
import { autocompletion, type CompletionContext, completionKeymap } from "@codemirror/autocomplete";
import { history, historyKeymap } from "@codemirror/commands";
import { javascript, javascriptLanguage } from "@codemirror/lang-javascript";
import { bracketMatching, indentOnInput, syntaxHighlighting, syntaxTree } from "@codemirror/language";
import { type Diagnostic, linter, lintGutter } from "@codemirror/lint";
import { EditorState } from "@codemirror/state";
import { EditorView, keymap, lineNumbers } from "@codemirror/view";
import { useEffect, useRef } from "react";
import { EDITING_KEYS } from "../template/editing-keys";
import { colours, theme } from "./code-look";

interface JavascriptEditorProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly label: string;
  readonly labelledBy?: string | undefined;
  readonly describedBy?: string | undefined;
  readonly readOnly: boolean;
  /** The names the code sees as `input.name`. */
  readonly inputs: readonly string[];
}

/** Places the parser stumbles over. What the code does is found out by testing the step. */
function stumbles(view: EditorView): Diagnostic[] {
  const found: Diagnostic[] = [];
  syntaxTree(view.state)
    .cursor()
    .iterate(({ type, from, to }) => {
      if (type.isError && found.length < 20) {
        found.push({ from, to, severity: "warning", message: "The code cannot be understood here." });
      }
    });
  return found;
}

export default function JavascriptEditor(props: JavascriptEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const { value } = props;

  useEffect(() => {
    if (!host.current) return;
    const { labelledBy, describedBy, readOnly, label } = latest.current;
    const inputs = (context: CompletionContext) => {
      const before = context.matchBefore(/input\.[\w$]*/);
      if (!before) return null;
      const options = latest.current.inputs.map((name) => ({
        label: name,
        type: "property",
        detail: "input",
      }));
      return { from: before.from + "input.".length, options };
    };
    const made = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: latest.current.value,
        extensions: [
          history(),
          lineNumbers(),
          // Code is the body of a function: `return` stands at the top.
          javascript(),
          javascriptLanguage.data.of({ autocomplete: inputs }),
          autocompletion({ icons: false }),
          bracketMatching(),
          indentOnInput(),
          syntaxHighlighting(colours),
          linter(stumbles, { delay: 400 }),
          lintGutter(),
          theme,
          EditorView.theme({ ".cm-content": { minHeight: "160px" } }),
          EditorState.readOnly.of(readOnly),
          keymap.of([...completionKeymap, ...historyKeymap, ...EDITING_KEYS]),
          EditorView.contentAttributes.of({
            ...(labelledBy ? { "aria-labelledby": labelledBy } : { "aria-label": label }),
            ...(describedBy ? { "aria-describedby": describedBy } : {}),
          }),
          EditorView.updateListener.of((update) => {
            if (!update.docChanged) return;
            const text = update.state.doc.toString();
            if (text !== latest.current.value) latest.current.onChange(text);
          }),
        ],
      }),
    });
    view.current = made;
    return () => {
      made.destroy();
      view.current = null;
    };
  }, []);

  useEffect(() => {
    const current = view.current;
    if (!current || current.state.doc.toString() === value) return;
    current.dispatch({ changes: { from: 0, to: current.state.doc.length, insert: value } });
  }, [value]);

  return <div ref={host} />;
}
