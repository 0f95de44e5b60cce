/** Listens to the keyboard and the clipboard for the whole editor, and keeps out of the way of typing. */
import { useEffect } from "react";
import { whyNotPasted } from "@/document/clipboard";
import { toast } from "@/ui";
import type { EditorContextValue } from "./editor-context";
import { SHORTCUTS } from "./shortcuts";

export function useShortcuts(editor: EditorContextValue): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || hasModal()) return;
      const shortcut = SHORTCUTS.find((one) => one.matches(event));
      if (!shortcut || (editor.session.getState().watching && !shortcut.inRun)) return;
      const typing = isTyping(event.target);
      if (typing && !shortcut.whileTyping) return;
      // These keys belong to the control that has the focus, unless that is the canvas.
      if (/^(Tab| |Arrow.*)$/.test(event.key) && !isCanvas(event.target)) return;
      event.preventDefault();
      shortcut.run(editor);
    };
    const onCopy = (event: ClipboardEvent) => {
      if (isTyping(event.target) || hasModal() || hasSelectedText()) return;
      const text = editor.actions.copy();
      if (text === null) return;
      event.preventDefault();
      event.clipboardData?.setData("text/plain", text);
      if (event.type === "cut" && !editor.session.getState().watching) editor.actions.remove();
      else toast({ title: "Copied as JSON", duration: 1800 });
    };
    const onPaste = (event: ClipboardEvent) => {
      if (isTyping(event.target) || hasModal() || editor.session.getState().watching) return;
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (editor.actions.paste(text)) return event.preventDefault();
      const refusal = whyNotPasted(text);
      if (!refusal) return;
      const { reason, action, code } = refusal;
      toast({ tone: "bad", title: "Nothing was pasted", description: `${reason} ${action}`, code });
    };
    window.addEventListener("keydown", onKey);
    window.addEventListener("copy", onCopy);
    window.addEventListener("cut", onCopy);
    window.addEventListener("paste", onPaste);
    return () => {
      window.removeEventListener("keydown", onKey);
      window.removeEventListener("copy", onCopy);
      window.removeEventListener("cut", onCopy);
      window.removeEventListener("paste", onPaste);
    };
  }, [editor]);
}

/** Where letters already mean something: text, and lists in which they lead to what starts with them. */
const TYPED =
  "input, textarea, select, [contenteditable='true'], [data-template-field], [role=combobox], [role=listbox]";

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(TYPED) !== null;
}

/** The canvas itself, a card, or nothing in particular has the focus. */
function isCanvas(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return true;
  return target === document.body || target.matches(".react-flow__node, [data-canvas-frame], #main");
}

function hasModal(): boolean {
  return document.querySelector("[role=dialog], [role=alertdialog], [role=menu]") !== null;
}

function hasSelectedText(): boolean {
  return (window.getSelection()?.toString() ?? "") !== "";
}
