/**
 * Saves the draft a moment after each edit.
 *
 * One save is under way at a time, and each says which revision it builds on, so the server can refuse one that was
 * made twice or on an old state. While the server is away the edits stay here and in the browser's storage. It never
 * overwrites someone else's edits by itself.
 */
import { createStore, type StoreApi } from "zustand/vanilla";
import type { DraftSaved, Hook, Problem, Told, Workflow } from "@/api";
import { withoutSecrets } from "@/document/secrets";
import type { WorkflowDocument } from "@/document/types";
import { sameDocument } from "./same-document";
import type { CopyStorage, UnsavedCopy } from "./unsaved-copy";

/** How long the hands must rest before a save, in milliseconds. */
export const QUIET = 700;

type SaveStatus = "saved" | "waiting" | "saving" | "unreachable" | "refused" | "conflict";

export interface SaveState {
  status: SaveStatus;
  /** The server's revision that the last save made or that was loaded. */
  revision: number;
  /** When the server last confirmed, in milliseconds since 1970; `null` before the first save of this visit. */
  savedAt: number | null;
  problems: readonly Problem[];
  hooks: readonly Hook[];
  /** Why the last save was refused. */
  refusal: Told | null;
  /** The server's state that ours collides with. */
  theirs: Workflow | null;
}

/** What a failed save means for us; the transport's own errors stay outside. */
export type SaveFailure = { kind: "unreachable" } | { kind: "stale" } | { kind: "refused"; told: Told };

export interface AutosavePorts {
  save(document: WorkflowDocument, baseRevision: number): Promise<DraftSaved>;
  load(): Promise<Workflow>;
  failureOf(error: unknown): SaveFailure;
  /** Settles when the server can be reached again. */
  reachable(): Promise<void>;
  copy: CopyStorage;
  now(): number;
  /** Runs `task` after `ms`; returns how to call it off. */
  later(task: () => void, ms: number): () => void;
}

export interface Autosave {
  state: StoreApi<SaveState>;
  /** The document as it is now; saved after a quiet moment. */
  changed(document: WorkflowDocument): void;
  /** Saves now. Settles when everything known so far is saved or cannot be. `true` when it is saved. */
  flush(): Promise<boolean>;
  /** Takes up edits that an earlier visit could not save. */
  resume(copy: UnsavedCopy, server: Workflow): void;
  /** After a conflict: our edits replace the server's. */
  keepMine(): Promise<boolean>;
  /** After a conflict: the server's document, which the caller opens. */
  takeTheirs(): WorkflowDocument | null;
}

export function createAutosave(workflow: Workflow, ports: AutosavePorts): Autosave {
  const state = createStore<SaveState>(() => ({
    status: "saved",
    revision: workflow.draft_revision,
    savedAt: null,
    problems: workflow.problems,
    hooks: workflow.hooks,
    refusal: null,
    theirs: null,
  }));
  /** What the server has as far as we know. */
  let saved = workflow.draft;
  let wanted = workflow.draft;
  let callOff: (() => void) | null = null;
  let running: Promise<void> | null = null;

  const isSaved = () => sameDocument(saved, wanted);

  function confirm(document: WorkflowDocument, answer: Pick<DraftSaved, "revision" | "problems" | "hooks">) {
    saved = document;
    const status = isSaved() ? "saved" : "waiting";
    const { revision, problems, hooks } = answer;
    state.setState({ status, revision, problems, hooks, savedAt: ports.now(), refusal: null, theirs: null });
    if (status === "saved") ports.copy.clear();
    else ports.copy.write({ document: wanted, base_revision: revision });
  }

  async function saveOnce(): Promise<void> {
    const sent = wanted;
    state.setState({ status: "saving" });
    try {
      confirm(sent, await ports.save(sent, state.getState().revision));
    } catch (error) {
      const failure = ports.failureOf(error);
      if (failure.kind === "refused") state.setState({ status: "refused", refusal: failure.told });
      else if (failure.kind === "stale") await meetTheirs(sent);
      else awaitServer();
    }
  }

  /** The server's revision moved on: by another tab or person, or by a save of ours whose answer got lost. */
  async function meetTheirs(sent: WorkflowDocument): Promise<void> {
    try {
      const theirs = await ports.load();
      if (sameDocument(withoutSecrets(theirs.draft), withoutSecrets(sent))) {
        confirm(sent, { revision: theirs.draft_revision, problems: theirs.problems, hooks: theirs.hooks });
      } else state.setState({ status: "conflict", theirs });
    } catch (error) {
      const failure = ports.failureOf(error);
      if (failure.kind === "refused") state.setState({ status: "refused", refusal: failure.told });
      else awaitServer();
    }
  }

  /** Nothing is sent until the server answers again; then what is pending goes out at once. */
  function awaitServer(): void {
    state.setState({ status: "unreachable" });
    void ports.reachable().then(() => {
      if (state.getState().status !== "unreachable") return;
      state.setState({ status: "waiting" });
      return flush();
    });
  }

  async function saveAll(): Promise<void> {
    // While a timer runs the hands are still moving; the save after it takes all of that along.
    while (callOff === null && !isSaved() && mayTry(state.getState().status)) await saveOnce();
  }

  async function flush(): Promise<boolean> {
    callOff?.();
    callOff = null;
    if (state.getState().status === "refused") state.setState({ status: "waiting" });
    running ??= saveAll().finally(() => {
      running = null;
    });
    await running;
    return isSaved();
  }

  return {
    state,
    changed(document) {
      wanted = document;
      const { status, revision } = state.getState();
      if (isSaved()) {
        // Undone back to what the server has.
        if (status === "waiting" || status === "refused") state.setState({ status: "saved", refusal: null });
        callOff?.();
        callOff = null;
        if (!running) ports.copy.clear();
        return;
      }
      ports.copy.write({ document, base_revision: revision });
      if (status === "conflict") return;
      if (status === "saved" || status === "refused") state.setState({ status: "waiting" });
      callOff?.();
      callOff = ports.later(() => void flush(), QUIET);
    },
    flush,
    resume(copy, server) {
      if (sameDocument(copy.document, server.draft)) {
        // They had arrived; the page went away before it heard so.
        ports.copy.clear();
        return;
      }
      wanted = copy.document;
      if (copy.base_revision === server.draft_revision) {
        state.setState({ status: "waiting" });
        void flush();
      } else state.setState({ status: "conflict", theirs: server });
    },
    async keepMine() {
      const { theirs } = state.getState();
      if (!theirs) return flush();
      saved = theirs.draft;
      state.setState({ status: "waiting", revision: theirs.draft_revision, theirs: null });
      return flush();
    },
    takeTheirs() {
      const { theirs } = state.getState();
      if (!theirs) return null;
      wanted = theirs.draft;
      confirm(theirs.draft, {
        revision: theirs.draft_revision,
        problems: theirs.problems,
        hooks: theirs.hooks,
      });
      return theirs.draft;
    },
  };
}

function mayTry(status: SaveStatus): boolean {
  return status === "saved" || status === "waiting" || status === "saving";
}
