import { describe, expect, it } from "vitest";
import { applyChanges, invert } from "../change";
import type { Command } from "../command";
import { LEADS, LOOPING } from "../testing/kinds";
import type { Step, WorkflowDocument } from "../types";
import {
  addStep,
  connectSteps,
  disconnectSteps,
  insertStep,
  moveSteps,
  placeSteps,
  removeSteps,
  renameStep,
  renameWorkflow,
  replaceDocument,
  setConfig,
  setOptions,
  setSample,
  setSettings,
  tidyLayout,
} from ".";

const fresh: Step = { kind: "wait", title: "Wait 2", config: { seconds: 1 } };
const path: string[] = [];
const at = { x: 5, y: 5 };

/** Runs a command and checks on the way that taking it back gives the very document one started from. */
function run<Args>(document: WorkflowDocument, command: Command<Args>, args: Args): WorkflowDocument {
  const changes = command.run(document, args);
  const after = applyChanges(document, changes);
  expect(applyChanges(after, invert(changes))).toEqual(document);
  return after;
}

const arrows = (document: WorkflowDocument) =>
  document.edges.map((edge) => `${edge.from}${edge.port ? `.${edge.port}` : ""}>${edge.to}`);

describe("adding", () => {
  it("hangs a step on a port", () => {
    const after = run(LEADS, addStep, {
      path,
      id: "new",
      step: fresh,
      at,
      from: { step: "route", port: "out" },
    });
    expect(after.steps.new).toEqual(fresh);
    expect(after.layout?.new).toEqual(at);
    expect(arrows(after)).toContain("route>new");
  });

  it("puts a step on an edge and keeps the port it left by", () => {
    const edge = { from: "warm", port: "yes", to: "route" };
    const moved = { route: { x: -128, y: 452 } };
    const after = run(LEADS, insertStep, { path, id: "new", step: fresh, edge, out: "out", at, moved });
    expect(arrows(after)).toEqual(["hook>score", "score>warm", "warm.yes>new", "new>route", "warm.no>wait"]);
    expect(after.layout?.route).toEqual(moved.route);
  });

  it("ends the path when the new step has no way out", () => {
    const edge = { from: "score", to: "warm" };
    const after = run(LEADS, insertStep, { path, id: "new", step: fresh, edge, out: null, at, moved: {} });
    expect(arrows(after)).not.toContain("new>warm");
  });

  it("adds into a body", () => {
    const after = run(LOOPING, addStep, {
      path: ["each"],
      id: "new",
      step: fresh,
      at,
      from: { step: "inner", port: "out" },
    });
    expect(after.steps.each?.body?.edges).toEqual([{ from: "inner", to: "new" }]);
    expect(after.steps.route).toBe(LOOPING.steps.route);
  });

  it("refuses an id that is taken", () => {
    expect(addStep.run(LEADS, { path, id: "hook", step: fresh, at })).toEqual([]);
  });
});

describe("removing", () => {
  it("closes the path again where there was one way through", () => {
    const after = run(LEADS, removeSteps, { path, ids: ["score"] });
    expect(arrows(after)).toEqual(["hook>warm", "warm.yes>route", "warm.no>wait"]);
    expect(after.layout).not.toHaveProperty("score");
  });

  it("closes it over several steps", () => {
    expect(arrows(run(LOOPING, removeSteps, { path, ids: ["score", "route"] }))).toContain("warm.yes>each");
  });

  it("leaves ends open where paths split", () => {
    expect(arrows(run(LEADS, removeSteps, { path, ids: ["warm"] }))).toEqual(["hook>score"]);
  });

  it("takes places and samples of a body along", () => {
    const placed = { ...LOOPING, layout: { ...LOOPING.layout, inner: at }, samples: { inner: 1 } };
    const after = run(placed, removeSteps, { path, ids: ["each"] });
    expect(after.layout).not.toHaveProperty("inner");
    expect(after.samples).toEqual({});
  });
});

describe("connecting", () => {
  it("draws an edge once", () => {
    const after = run(LEADS, connectSteps, { path, from: "route", port: "out", to: "wait" });
    expect(arrows(after)).toContain("route>wait");
    expect(connectSteps.run(after, { path, from: "route", port: "out", to: "wait" })).toEqual([]);
  });

  it("refuses a circle and a step that is not there", () => {
    expect(connectSteps.run(LEADS, { path, from: "wait", port: "out", to: "hook" })).toEqual([]);
    expect(connectSteps.run(LEADS, { path, from: "wait", port: "out", to: "nowhere" })).toEqual([]);
  });

  it("takes an edge away", () => {
    const after = run(LEADS, disconnectSteps, { path, edges: [{ from: "warm", port: "no", to: "wait" }] });
    expect(arrows(after)).not.toContain("warm.no>wait");
  });
});

describe("changing a step", () => {
  it("renames without touching the id", () => {
    const after = run(LEADS, renameStep, { path, id: "score", title: "  Rate  " });
    expect(after.steps.score?.title).toBe("Rate");
    expect(renameStep.run(LEADS, { path, id: "score", title: "  " })).toEqual([]);
    expect(renameStep.run(LEADS, { path, id: "gone", title: "Back" })).toEqual([]);
  });

  it("drops edges of ports that its set-up no longer has", () => {
    const after = run(LEADS, setConfig, { path, id: "warm", config: {}, ports: ["yes"] });
    expect(arrows(after)).toEqual(["hook>score", "score>warm", "warm.yes>route"]);
  });

  it("removes an option that is undefined", () => {
    const off = run(LEADS, setOptions, { path, ids: ["score", "wait"], options: { disabled: true } });
    expect([off.steps.score?.disabled, off.steps.wait?.disabled]).toEqual([true, true]);
    const on = run(off, setOptions, { path, ids: ["score"], options: { disabled: undefined } });
    expect(on.steps.score).not.toHaveProperty("disabled");
  });

  it("drops the failure edge with the failure branch", () => {
    const branching = run(LEADS, setOptions, { path, ids: ["score"], options: { on_error: "branch" } });
    const caught = run(branching, connectSteps, { path, from: "score", port: "error", to: "wait" });
    const after = run(caught, setOptions, { path, ids: ["score"], options: { on_error: undefined } });
    expect(arrows(after)).toEqual(arrows(LEADS));
  });

  it("pins and unpins a sample", () => {
    const pinned = run(LEADS, setSample, { id: "hook", sample: { body: 1 } });
    expect(pinned.samples).toEqual({ hook: { body: 1 } });
    expect(run(pinned, setSample, { id: "hook", sample: undefined }).samples).toEqual({});
    expect(setSample.run(LEADS, { id: "gone", sample: 1 })).toEqual([]);
  });
});

describe("the whole", () => {
  it("moves only what moved", () => {
    expect(moveSteps.run(LEADS, { positions: LEADS.layout ?? {} })).toEqual([]);
    const after = run(LEADS, moveSteps, { positions: { hook: at } });
    expect(after.layout?.hook).toEqual(at);
    expect(after.steps).toBe(LEADS.steps);
  });

  it("knows which edits a person can take back", () => {
    expect(tidyLayout.undoable).toBe(true);
    expect(placeSteps.undoable).toBe(false);
  });

  it("renames and replaces under the same name", () => {
    expect(run(LEADS, renameWorkflow, { name: "Other" }).name).toBe("Other");
    const after = run(LEADS, replaceDocument, { document: { ...LOOPING, name: "Theirs" }, words: "Paste" });
    expect(after.name).toBe("Leads");
    expect(after.steps).toEqual(LOOPING.steps);
  });

  it("sets a workflow's settings and leaves nothing behind when they go back to their defaults", () => {
    const limited = run(LEADS, setSettings, { settings: { most_at_once: 5, priority: "low" } });
    expect(limited.settings).toEqual({ ...LEADS.settings, most_at_once: 5, priority: "low" });
    const plain = run(limited, setSettings, { settings: { most_at_once: undefined, priority: undefined } });
    expect(plain).toEqual(LEADS);
    expect(setSettings.run(LEADS, { settings: { most_at_once: undefined } })).toEqual([]);
  });
});
