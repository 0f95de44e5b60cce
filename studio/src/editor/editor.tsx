/** The editor of one workflow, put together. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { ApiError, api, keys, tell, UnreachableError, type Workflow, whenReachable } from "@/api";
import { Page, WorkflowTabs } from "@/app/page";
import { type CanvasHandle, completedPositions } from "@/canvas";
import { placeSteps } from "@/document/commands";
import { everyStep, graphAt } from "@/document/graph";
import type { StepId, StepKinds, WorkflowDocument } from "@/document/types";
import { type AutosavePorts, createAutosave, type SaveFailure } from "./autosave";
import { CanvasPane } from "./canvas-pane";
import { ConnectDialog } from "./connect-dialog";
import { createDocumentStore } from "./document-store";
import { createEditorActions } from "./editor-actions";
import {
  EditorContext,
  type EditorContextValue,
  type EditorStores,
  useDocuments,
  useEditor,
  useSelectedStep,
  useSession,
} from "./editor-context";
import { PublishDialog } from "./publish-dialog";
import { RunDialog } from "./run-dialog";
import { RunFollower } from "./run-follower";
import { SaveBanner } from "./save-banner";
import { createSessionStore } from "./session-store";
import { SettingsDialog } from "./settings/settings-dialog";
import { ShortcutsDialog } from "./shortcuts-dialog";
import { StepPanel } from "./step-panel";
import { BarActions, DraftState, SaveNote, WorkflowName } from "./top-bar";
import { TryDialog } from "./try-dialogs";
import { browserCopy } from "./unsaved-copy";
import { useShortcuts } from "./use-shortcuts";

interface EditorProps {
  workflow: Workflow;
  kinds: StepKinds;
}

export function Editor({ workflow, kinds }: EditorProps) {
  const canvas = useRef<CanvasHandle>(null);
  const [{ stores, unsaved }] = useState(() => openWorkflow(workflow, kinds, canvas));
  const editor = useMemo(
    (): EditorContextValue => ({ ...stores, actions: createEditorActions(stores) }),
    [stores],
  );
  const client = useQueryClient();

  useEffect(() => {
    const { documents, session, autosave } = stores;
    if (unsaved) autosave.resume(unsaved, workflow);
    const stop = documents.subscribe(({ history }, before) => {
      if (history.document === before.history.document) return;
      autosave.changed(history.document);
      const outdated = changedSteps(before.history.document, history.document);
      if (outdated.length > 0) session.getState().forget(outdated);
      const { path, selection } = session.getState();
      const graph = graphAt(history.document, path);
      if (!graph) return session.getState().enter([]);
      const left = selection.filter((id) => graph.steps[id]);
      if (left.length !== selection.length) session.getState().patch({ selection: left });
    });
    const guard = (event: BeforeUnloadEvent) => {
      if (autosave.state.getState().status !== "saved") event.preventDefault();
    };
    window.addEventListener("beforeunload", guard);
    return () => {
      stop();
      window.removeEventListener("beforeunload", guard);
      // The next visit must start from what was saved here, not from what was loaded before.
      void autosave.flush().finally(() => client.invalidateQueries({ queryKey: keys.workflows }));
    };
  }, [stores, unsaved, workflow, client]);
  useShortcuts(editor);

  return (
    <EditorContext value={editor}>
      <Workbench />
    </EditorContext>
  );
}

function Workbench() {
  const { workflow, kinds } = useEditor();
  const name = useDocuments((state) => state.history.document.name);
  const selected = useSelectedStep();
  const panelOpen = useSession((state) => state.panelOpen);
  const watching = useSession((state) => state.watching?.id);
  return (
    <Page
      title={name}
      crumbs={[{ label: "Workflows", to: "/workflows" }]}
      heading={<WorkflowName />}
      status={
        <>
          <DraftState />
          <SaveNote />
        </>
      }
      centre={<WorkflowTabs id={workflow} current="build" />}
      actions={<BarActions />}
      fill
    >
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <SaveBanner />
        <div className="flex min-h-0 flex-1">
          <CanvasPane />
          {selected && panelOpen ? (
            <StepPanel id={selected.id} step={selected.step} kind={kinds[selected.step.kind]} />
          ) : null}
        </div>
      </div>
      {watching ? <RunFollower key={watching} id={watching} /> : null}
      <Dialogs />
    </Page>
  );
}

function Dialogs() {
  const { session } = useEditor();
  const dialog = useSession((state) => state.dialog);
  const close = () => session.getState().patch({ dialog: null });
  if (dialog === "publish") return <PublishDialog onClose={close} />;
  if (dialog === "run") return <RunDialog onClose={close} />;
  if (dialog === "settings") return <SettingsDialog onClose={close} />;
  if (dialog === "past" || dialog === "dry" || dialog === "tests") {
    return <TryDialog name={dialog} onClose={close} />;
  }
  if (dialog === "connect") return <ConnectDialog onClose={close} />;
  return dialog === "shortcuts" ? <ShortcutsDialog onClose={close} /> : null;
}

/** Steps whose set-up differs, so that what they once put out says nothing any more. */
function changedSteps(before: WorkflowDocument, after: WorkflowDocument): StepId[] {
  const old = new Map([...everyStep(before)].map(({ id, step }) => [id, step.config]));
  return [...everyStep(after)].flatMap(({ id, step }) => (old.get(id) === step.config ? [] : [id]));
}

/** Makes the stores; sends nothing, because React may call it twice. */
function openWorkflow(workflow: Workflow, kinds: StepKinds, canvas: EditorStores["canvas"]) {
  const copy = browserCopy(workflow.id);
  const unsaved = copy.read();
  const documents = createDocumentStore(unsaved?.document ?? workflow.draft);
  const autosave = createAutosave(workflow, autosavePorts(workflow.id, copy));
  const { document } = documents.getState().history;
  // Every box has a place from here on, so that inserting one can make room.
  const graphs = [
    document,
    ...[...everyStep(document)].flatMap(({ step }) => (step.body ? [step.body] : [])),
  ];
  const positions = graphs.reduce(
    (known, graph) => completedPositions(graph, kinds, known),
    document.layout ?? {},
  );
  documents.getState().edit(placeSteps, { positions });
  const session = createSessionStore();
  const stores: EditorStores = { workflow: workflow.id, kinds, documents, session, autosave, canvas };
  return { stores, unsaved };
}

function autosavePorts(id: string, copy: AutosavePorts["copy"]): AutosavePorts {
  return {
    save: (document, base_revision) => api.saveDraft(id, { document, base_revision }),
    load: () => api.workflow(id),
    failureOf,
    reachable: whenReachable,
    copy,
    now: Date.now,
    later: (task, ms) => {
      const timer = setTimeout(task, ms);
      return () => clearTimeout(timer);
    },
  };
}

function failureOf(error: unknown): SaveFailure {
  if (error instanceof UnreachableError) return { kind: "unreachable" };
  if (error instanceof ApiError && error.status === 409) return { kind: "stale" };
  return { kind: "refused", told: tell(error) };
}
