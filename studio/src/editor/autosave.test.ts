import { beforeEach, describe, expect, it } from "vitest";
import type { DraftSaved, Workflow } from "@/api";
import type { WorkflowDocument } from "@/document/types";
import { type Autosave, type AutosavePorts, createAutosave, type SaveFailure } from "./autosave";
import type { UnsavedCopy } from "./unsaved-copy";

const named = (name: string): WorkflowDocument => ({ format: 1, name, steps: {}, edges: [] });

/** A server with one draft, which can go away, lose answers and be edited by someone else. */
class Server {
  draft = named("start");
  revision = 1;
  writes: string[] = [];
  away = false;
  losesAnswers = false;
  refuses = false;
  private back: (() => void)[] = [];

  save = async (document: WorkflowDocument, base: number): Promise<DraftSaved> => {
    await Promise.resolve();
    if (this.away) throw new Failure({ kind: "unreachable" });
    if (this.refuses) throw new Failure({ kind: "refused", told: { title: "no", detail: "", action: "" } });
    if (base !== this.revision) throw new Failure({ kind: "stale" });
    this.draft = document;
    this.revision += 1;
    this.writes.push(document.name);
    if (this.losesAnswers) {
      this.losesAnswers = false;
      throw new Failure({ kind: "unreachable" });
    }
    return { revision: this.revision, problems: [], hooks: [], saved_at: "2026-01-01T00:00:00Z" };
  };

  load = async (): Promise<Workflow> => {
    if (this.away) throw new Failure({ kind: "unreachable" });
    return this.workflow();
  };

  workflow(): Workflow {
    return {
      draft: this.draft,
      draft_revision: this.revision,
      problems: [],
      hooks: [],
    } as unknown as Workflow;
  }

  reachable = () => new Promise<void>((resolve) => (this.away ? this.back.push(resolve) : resolve()));

  comeBack() {
    this.away = false;
    for (const tell of this.back.splice(0)) tell();
  }
}

class Failure extends Error {
  constructor(readonly failure: SaveFailure) {
    super(failure.kind);
  }
}

let server: Server;
let copy: UnsavedCopy | null;
let timers: (() => void)[];
let autosave: Autosave;

const passTime = () => {
  for (const task of timers.splice(0)) task();
};
const settle = async () => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};
const status = () => autosave.state.getState().status;

beforeEach(() => {
  server = new Server();
  copy = null;
  timers = [];
  const ports: AutosavePorts = {
    save: server.save,
    load: server.load,
    failureOf: (error) => (error as Failure).failure,
    reachable: server.reachable,
    copy: {
      read: () => copy,
      write: (next) => {
        copy = next;
      },
      clear: () => {
        copy = null;
      },
    },
    now: () => 5000,
    later: (task) => {
      timers.push(task);
      return () => {
        timers = timers.filter((other) => other !== task);
      };
    },
  };
  autosave = createAutosave(server.workflow(), ports);
});

describe("autosave", () => {
  it("saves once after the last of several edits", async () => {
    for (const name of ["a", "b", "c"]) autosave.changed(named(name));
    expect(status()).toBe("waiting");
    expect(copy?.document.name).toBe("c");
    passTime();
    await settle();
    expect(server.writes).toEqual(["c"]);
    expect(autosave.state.getState()).toMatchObject({ status: "saved", revision: 2, savedAt: 5000 });
    expect(copy).toBeNull();
  });

  it("saves an edit made during a save in a second one, on the first one's revision", async () => {
    autosave.changed(named("a"));
    passTime();
    autosave.changed(named("b"));
    passTime();
    await settle();
    expect(server.writes).toEqual(["a", "b"]);
    expect(status()).toBe("saved");
  });

  it("sends nothing when everything was undone", async () => {
    autosave.changed(named("a"));
    autosave.changed(named("start"));
    passTime();
    await settle();
    expect(server.writes).toEqual([]);
    expect(status()).toBe("saved");
    expect(copy).toBeNull();
  });

  it("keeps edits while the server is away and saves them when it is back", async () => {
    server.away = true;
    autosave.changed(named("a"));
    passTime();
    await settle();
    expect(status()).toBe("unreachable");
    autosave.changed(named("b"));
    passTime();
    await settle();
    expect(copy?.document.name).toBe("b");
    server.comeBack();
    await settle();
    expect(server.writes).toEqual(["b"]);
    expect(status()).toBe("saved");
  });

  it("does not save twice when only the answer got lost", async () => {
    server.losesAnswers = true;
    autosave.changed(named("a"));
    passTime();
    await settle();
    expect(server.writes).toEqual(["a"]);
    expect(autosave.state.getState()).toMatchObject({ status: "saved", revision: 2 });
  });

  it("stops at someone else's edit and lets ours win", async () => {
    await server.save(named("theirs"), 1);
    autosave.changed(named("mine"));
    passTime();
    await settle();
    expect(status()).toBe("conflict");
    expect(server.draft.name).toBe("theirs");
    autosave.changed(named("mine too"));
    passTime();
    expect(await autosave.keepMine()).toBe(true);
    expect(server.draft.name).toBe("mine too");
  });

  it("stops at someone else's edit and lets theirs win", async () => {
    await server.save(named("theirs"), 1);
    autosave.changed(named("mine"));
    passTime();
    await settle();
    expect(autosave.takeTheirs()?.name).toBe("theirs");
    expect(status()).toBe("saved");
    expect(copy).toBeNull();
  });

  it("says why a draft was refused and tries again after the next edit", async () => {
    server.refuses = true;
    autosave.changed(named("a"));
    passTime();
    await settle();
    expect(autosave.state.getState()).toMatchObject({ status: "refused", refusal: { title: "no" } });
    server.refuses = false;
    autosave.changed(named("b"));
    passTime();
    await settle();
    expect(server.writes).toEqual(["b"]);
    expect(autosave.state.getState().refusal).toBeNull();
  });

  it("takes up edits of an earlier visit", async () => {
    autosave.resume({ document: named("earlier"), base_revision: 1 }, server.workflow());
    await settle();
    expect(server.writes).toEqual(["earlier"]);
  });

  it("knows edits of an earlier visit that had arrived", async () => {
    await server.save(named("earlier"), 1);
    copy = { document: named("earlier"), base_revision: 1 };
    autosave.resume(copy, server.workflow());
    await settle();
    expect(status()).toBe("saved");
    expect(copy).toBeNull();
    expect(server.writes).toEqual(["earlier"]);
  });

  it("asks when the draft moved on since that visit", async () => {
    await server.save(named("theirs"), 1);
    autosave.resume({ document: named("earlier"), base_revision: 1 }, server.workflow());
    await settle();
    expect(status()).toBe("conflict");
    expect(server.writes).toEqual(["theirs"]);
  });
});
