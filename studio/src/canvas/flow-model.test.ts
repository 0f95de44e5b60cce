import { describe, expect, it } from "vitest";
import { namesOfSteps } from "@/document/available-data";
import { KINDS, LEADS, LOOPING } from "@/document/testing/kinds";
import { type CardData, edgesOf, nodesOf, type Scene, START_ID } from "./flow-model";

function scene(part: Partial<Scene> = {}): Scene {
  return {
    graph: LEADS,
    kinds: KINDS,
    names: { data: namesOfSteps(LEADS, KINDS) },
    positions: LEADS.layout ?? {},
    mode: "edit",
    selection: new Set(),
    statuses: {},
    traffic: {},
    problems: [],
    samples: {},
    body: null,
    selectedEdge: null,
    ...part,
  };
}
const card = (part: Partial<Scene>, id: string) => {
  const node = nodesOf(scene(part)).find((one) => one.id === id);
  if (!node) throw new Error("no such card");
  return { ...node, data: node.data as CardData };
};

describe("cards", () => {
  it("know their ports and which of them lead nowhere yet", () => {
    expect(card({}, "hook").data).toMatchObject({ hasIn: false, ports: [{ id: "out", open: false }] });
    expect(card({}, "wait").data.ports).toMatchObject([{ id: "out", open: true }]);
    expect(card({}, "warm").handles?.map(({ id }) => id)).toEqual(["in", "yes", "no"]);
  });

  it("are called by title, family and state", () => {
    expect(card({}, "score").ariaLabel).toBe("Score the lead, lead step");
    expect(card({}, "hook").ariaLabel).toBe("Web form, trigger");
    const statuses = { score: { status: "done" as const } };
    expect(card({ mode: "run", statuses }, "score").ariaLabel).toBe("Score the lead, lead step, done");
    expect(card({ mode: "run" }, "score").ariaLabel).toBe("Score the lead, lead step, not started");
  });

  it("show the worst problem and all its words while building, none in a run", () => {
    const problems = [
      { code: "A", severity: "warning" as const, step: "score", message: "odd", action: "" },
      { code: "B", severity: "error" as const, step: "score", message: "wrong", action: "" },
    ];
    expect(card({ problems }, "score").data.problem).toEqual({ severity: "error", words: "odd\nwrong" });
    expect(card({ problems, mode: "run" }, "score").data.problem).toBeNull();
  });

  it("say what came out in a run instead of how they are set up", () => {
    const statuses = { wait: { status: "skipped" as const, summary: "not reached" } };
    expect(card({}, "wait").data.summary).toBe("for 2 hours");
    expect(card({ mode: "run", statuses }, "wait").data.summary).toBe("not reached");
  });
});

describe("edges", () => {
  it("carry words only where paths part", () => {
    expect(edgesOf(scene()).map((edge) => edge.data?.label)).toEqual(["", "", "score is 70 or more", "no"]);
  });

  it("are taken when something went that way", () => {
    const traffic = { "warm:yes>route": { count: 3 } };
    const taken = edgesOf(scene({ mode: "run", traffic })).filter((edge) => edge.data?.taken);
    expect(taken.map(({ id }) => id)).toEqual(["warm:yes>route"]);
  });

  it("to nowhere are not drawn", () => {
    const graph = { ...LEADS, edges: [{ from: "hook", to: "gone" }] };
    expect(edgesOf(scene({ graph }))).toEqual([]);
  });
});

it("starts a body with a chip that leads to its first steps", () => {
  const graph = LOOPING.steps.each?.body ?? LEADS;
  const inBody = { graph, body: "per_item" as const, positions: { inner: { x: 0, y: 0 } } };
  expect(nodesOf(scene(inBody)).map(({ id }) => id)).toEqual([START_ID, "inner"]);
  expect(edgesOf(scene(inBody)).map(({ source, target }) => [source, target])).toEqual([[START_ID, "inner"]]);
});
