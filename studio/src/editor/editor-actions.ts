/** The verbs of the editor: what buttons, menus and shortcuts do. Each reads the stores at the moment it runs. */
import { completedPositions, tidyPositions } from "@/canvas";
import { sampleOf } from "@/document/available-data";
import {
  adaptClipping,
  type Clipping,
  copySteps,
  readClipping,
  readDocument,
  writeClipping,
} from "@/document/clipboard";
import {
  connectSteps,
  disconnectSteps,
  moveSteps,
  pasteSteps,
  removeSteps,
  replaceDocument,
  setOptions,
  setSample,
  tidyLayout,
} from "@/document/commands";
import { whyNotConnect } from "@/document/connection-rules";
import { edgeKey, findStep, graphAt } from "@/document/graph";
import { type Positions, placeGroup } from "@/document/placement";
import { hasInPort } from "@/document/ports";
import type { Edge, Graph, Point, StepId, StepKind, WorkflowDocument } from "@/document/types";
import { toast } from "@/ui";
import type { EditorStores } from "./editor-context";
import { dropStep, likelyTarget, placeStep } from "./placing";
import type { PaletteTarget } from "./session-store";

export type EditorActions = ReturnType<typeof createEditorActions>;

export function createEditorActions({ workflow, documents, session, kinds, canvas }: EditorStores) {
  const document = () => documents.getState().history.document;
  const graph = (): Graph => graphAt(document(), session.getState().path) ?? { steps: {}, edges: [] };
  const positions = (): Positions => completedPositions(graph(), kinds, document().layout ?? {});
  const selected = () => session.getState().selection.filter((id) => graph().steps[id]);
  const { edit } = documents.getState();
  /** Cards are drawn after the store has changed. */
  const focusSoon = (id: StepId) => requestAnimationFrame(() => canvas.current?.focus(id));
  const placing = (kind: StepKind) => ({
    mark: workflow.slice(-4),
    edit,
    document: document(),
    kinds,
    path: session.getState().path,
    positions: positions(),
    kind,
  });
  const show = (id: StepId | null) => {
    if (id === null) return;
    session.getState().select([id]);
    session.getState().patch({ palette: null, tab: "setup", panelOpen: true });
    focusSoon(id);
  };

  return {
    openPalette(target?: PaletteTarget) {
      const palette = target ?? likelyTarget(graph(), kinds, selected());
      session.getState().patch({ palette, watching: null });
    },
    addKind(kind: StepKind) {
      show(placeStep(placing(kind), session.getState().palette ?? likelyTarget(graph(), kinds, selected())));
    },
    dropKind(name: string, at: Point, edge: Edge | null) {
      const kind = kinds[name];
      if (!kind) return;
      if (kind.category === "trigger" && session.getState().path.length > 0) {
        return toast({
          title: "A trigger starts the whole workflow",
          description: "Leave the loop's body to add one.",
        });
      }
      show(dropStep(placing(kind), at, edge));
    },
    move: (moved: Positions) => edit(moveSteps, { positions: moved }),
    connect(from: StepId, port: string, to: StepId): boolean {
      const refusal = whyNotConnect(graph(), kinds, from, port, to);
      if (refusal) toast({ title: refusal });
      return refusal === null && edit(connectSteps, { path: session.getState().path, from, port, to });
    },
    disconnect: (edge: Edge) => {
      edit(disconnectSteps, { path: session.getState().path, edges: [edge] });
      session.getState().patch({ selectedEdge: null });
    },
    /** Removes the selected edge, or the selected steps. */
    remove() {
      const { selectedEdge, path } = session.getState();
      const edge = graph().edges.find((one) => edgeKey(one) === selectedEdge);
      if (edge) {
        edit(disconnectSteps, { path, edges: [edge] });
        return session.getState().patch({ selectedEdge: null });
      }
      const ids = selected();
      if (ids.length > 0 && edit(removeSteps, { path, ids })) session.getState().select([]);
    },
    selectAll: () => session.getState().select(Object.keys(graph().steps)),
    copy(): string | null {
      const clipping = copySteps(document(), session.getState().path, selected());
      return (
        clipping &&
        writeClipping({ ...clipping, layout: { ...clipping.layout, ...pick(positions(), clipping) } })
      );
    },
    /** `false` when the text holds no steps. */
    paste(text: string): boolean {
      const clipping = readClipping(text);
      if (!clipping) return false;
      insertClipping(clipping, "Paste steps");
      return true;
    },
    duplicate() {
      const clipping = copySteps(document(), session.getState().path, selected());
      if (clipping) insertClipping(clipping, selected().length === 1 ? "Duplicate step" : "Duplicate steps");
    },
    toggleDisabled() {
      const ids = selected();
      if (ids.length === 0) return;
      const allOff = ids.every((id) => graph().steps[id]?.disabled);
      const disabled = allOff ? undefined : true;
      edit(setOptions, { path: session.getState().path, ids, options: { disabled } });
    },
    /** Pins what is known of the selected step's output, or takes the pin away. */
    togglePin() {
      const [id] = selected();
      const step = id === undefined ? undefined : graph().steps[id];
      if (id === undefined || !step) return;
      if (document().samples?.[id] !== undefined) return edit(setSample, { id, sample: undefined });
      const { sample } = sampleOf(document(), kinds, session.getState().outputs, id, step);
      if (sample === undefined)
        return toast({ title: "There is no output to pin yet", description: "Test the step first." });
      edit(setSample, { id, sample });
    },
    tidy() {
      edit(tidyLayout, { positions: tidyPositions(graph(), kinds) });
      requestAnimationFrame(() => canvas.current?.fit());
    },
    /** Shows a step wherever it stands, in a body as well. */
    goTo(id: StepId) {
      const found = findStep(document(), id);
      if (!found) return;
      session.getState().enter(found.path);
      session.getState().select([id]);
      session.getState().patch({ tab: "setup", dialog: null, panelOpen: true });
      focusSoon(id);
    },
    enterBody(loop: StepId) {
      session.getState().enter([...session.getState().path, loop]);
    },
    /** Leaves the run that is shown. The keyboard stays where it is, unless that goes with the run. */
    backToEditing() {
      const goes = globalThis.document.activeElement?.closest("[data-run-bar]");
      session.getState().patch({ watching: null });
      if (goes) canvas.current?.enter();
    },
    leaveBody() {
      const { path } = session.getState();
      const loop = path.at(-1);
      if (loop === undefined) return;
      session.getState().enter(path.slice(0, -1));
      session.getState().select([loop]);
      focusSoon(loop);
    },
    takeOver(text: string): boolean {
      const pasted = readDocument(text);
      if (!pasted) return false;
      edit(replaceDocument, { document: pasted, words: "Paste workflow" });
      requestAnimationFrame(() => canvas.current?.fit());
      return true;
    },
    replaceWith(next: WorkflowDocument, words: string) {
      edit(replaceDocument, { document: next, words });
      requestAnimationFrame(() => canvas.current?.fit());
    },
    addFirst(kind: StepKind) {
      show(placeStep(placing(kind), { where: "free" }));
    },
  };

  function insertClipping(copied: Clipping, words: string) {
    const { path } = session.getState();
    const clipping = path.length === 0 ? copied : withoutTriggers(copied);
    const adapted = adaptClipping(clipping, document());
    const own = completedPositions(adapted, kinds, adapted.layout);
    const group = Object.fromEntries(
      Object.keys(adapted.steps).flatMap((id) => (own[id] ? [[id, own[id]]] : [])),
    );
    const taken = Object.values(positions());
    const layout = { ...adapted.layout, ...placeGroup(group, taken, { x: 32, y: 32 }) };
    if (edit(pasteSteps, { path, clipping: { ...adapted, layout }, words })) {
      const ids = Object.keys(adapted.steps);
      session.getState().select(ids);
      const [first] = ids;
      if (first !== undefined) focusSoon(first);
    }
  }

  function withoutTriggers(clipping: Clipping): Clipping {
    const steps = Object.fromEntries(
      Object.entries(clipping.steps).filter(([, step]) => hasInPort(kinds[step.kind])),
    );
    return { ...clipping, steps, edges: clipping.edges.filter((edge) => steps[edge.from] && steps[edge.to]) };
  }
}

function pick(positions: Positions, { steps }: Clipping): Positions {
  return Object.fromEntries(Object.keys(steps).flatMap((id) => (positions[id] ? [[id, positions[id]]] : [])));
}
