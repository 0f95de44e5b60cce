/** What a right-click (or the menu key) offers: on a step, on several, on the empty canvas. */
import { outgoing } from "@/document/graph";
import type { MenuEntry } from "@/ui";
import { toast } from "@/ui";
import { useDocument, useEditor, useGraph, useSession } from "./editor-context";
import { keysHere } from "./shortcuts";

export function useStepMenu(): MenuEntry[] {
  const { actions, session, canvas } = useEditor();
  const document = useDocument();
  const graph = useGraph();
  const { menuOn, selection, watching } = useSession((state) => state);
  const step = menuOn === null ? undefined : graph.steps[menuOn];
  const copy = async () => {
    const text = actions.copy();
    if (text === null) return;
    try {
      await navigator.clipboard.writeText(text);
      toast({ title: "Copied as JSON", duration: 1800 });
    } catch {
      toast({ title: "The browser did not allow copying", description: "Press Ctrl+C instead." });
    }
  };
  const paste = async () => {
    try {
      const taken = actions.paste(await navigator.clipboard.readText());
      if (!taken) toast({ title: "There are no steps on the clipboard" });
    } catch {
      toast({
        title: "The browser did not allow reading the clipboard",
        description: "Press Ctrl+V instead.",
      });
    }
  };

  if (watching) {
    return [
      {
        label: "Back to editing",
        icon: "pencil",
        onSelect: actions.backToEditing,
      },
    ];
  }
  if (!step || menuOn === null) {
    return [
      { label: "Add step", icon: "plus", kbd: "Tab", onSelect: () => actions.openPalette({ where: "free" }) },
      { label: "Paste", icon: "copy", kbd: keysHere("⌘V"), onSelect: paste },
      { label: "Select all", kbd: keysHere("⌘A"), onSelect: actions.selectAll },
      "separator",
      { label: "Tidy up", icon: "tidy", kbd: keysHere("⇧⌥T"), onSelect: actions.tidy },
      { label: "Fit everything", icon: "fit", kbd: "1", onSelect: () => canvas.current?.fit() },
    ];
  }
  const many = selection.length > 1;
  const off = selection.every((id) => graph.steps[id]?.disabled);
  const leaving = outgoing(graph, menuOn);
  const single: MenuEntry[] = [
    {
      label: "Open",
      icon: "pencil",
      kbd: "Enter",
      onSelect: () => session.getState().patch({ panelOpen: true }),
    },
    { label: "Rename", kbd: "F2", onSelect: () => session.getState().startRenaming() },
    ...(step.body
      ? [{ label: "Open body", icon: "loop", onSelect: () => actions.enterBody(menuOn) } as const]
      : []),
    "separator",
    { label: "Add step after", icon: "plus", kbd: "Tab", onSelect: () => actions.openPalette() },
    {
      label: "Connect to…",
      icon: "link",
      kbd: "C",
      onSelect: () => session.getState().patch({ dialog: "connect" }),
    },
    ...leaving.map((edge) => ({
      label: `Disconnect from “${graph.steps[edge.to]?.title ?? edge.to}”`,
      onSelect: () => actions.disconnect(edge),
    })),
    {
      label: document.samples?.[menuOn] === undefined ? "Pin output as sample" : "Unpin sample",
      icon: "pin",
      kbd: "P",
      onSelect: () => void actions.togglePin(),
    },
    "separator",
  ];
  return [
    ...(many ? [{ heading: `${selection.length} steps` }] : single),
    { label: "Copy", icon: "copy", kbd: keysHere("⌘C"), onSelect: copy },
    { label: "Duplicate", kbd: keysHere("⌘D"), onSelect: actions.duplicate },
    { label: off ? "Switch on" : "Switch off", icon: "eye-off", kbd: "D", onSelect: actions.toggleDisabled },
    "separator",
    {
      label: many ? "Remove steps" : "Remove step",
      icon: "trash",
      kbd: "Del",
      danger: true,
      onSelect: actions.remove,
    },
  ];
}
