/** The stores of the one workflow being edited, handed to everything inside the editor. */
import { createContext, type RefObject, useContext } from "react";
import { useStore } from "zustand";
import type { CanvasHandle } from "@/canvas";
import { graphAt } from "@/document/graph";
import type { Graph, StepKinds, WorkflowDocument } from "@/document/types";
import type { Autosave, SaveState } from "./autosave";
import type { DocumentState, DocumentStore } from "./document-store";
import type { EditorActions } from "./editor-actions";
import type { Session, SessionStore } from "./session-store";

export interface EditorStores {
  workflow: string;
  kinds: StepKinds;
  documents: DocumentStore;
  session: SessionStore;
  autosave: Autosave;
  canvas: RefObject<CanvasHandle | null>;
}

export interface EditorContextValue extends EditorStores {
  actions: EditorActions;
}

export const EditorContext = createContext<EditorContextValue | null>(null);

export function useEditor(): EditorContextValue {
  const editor = useContext(EditorContext);
  if (!editor) throw new Error("only usable inside the editor");
  return editor;
}

export function useDocuments<T>(select: (state: DocumentState) => T): T {
  return useStore(useEditor().documents, select);
}

export function useDocument(): WorkflowDocument {
  return useDocuments((state) => state.history.document);
}

export function useSession<T>(select: (state: Session) => T): T {
  return useStore(useEditor().session, select);
}

export function useSaveState<T>(select: (state: SaveState) => T): T {
  return useStore(useEditor().autosave.state, select);
}

const NOTHING: Graph = { steps: {}, edges: [] };

/** What the canvas shows: the draft, or the document of the run being watched, which may be another version. */
export function useShownDocument(): WorkflowDocument {
  const draft = useDocument();
  return useSession((state) => state.watching?.run?.document) ?? draft;
}

/** The graph on the canvas: the workflow's own, or the body of the loop one has entered. */
export function useGraph(): Graph {
  const document = useShownDocument();
  const path = useSession((state) => state.path);
  return graphAt(document, path) ?? NOTHING;
}

/** The one selected step; `null` when none or several are. */
export function useSelectedStep() {
  const graph = useGraph();
  const selection = useSession((state) => state.selection);
  const id = selection.length === 1 ? selection[0] : undefined;
  const step = id === undefined ? undefined : graph.steps[id];
  return id !== undefined && step ? { id, step } : null;
}
