import { describe, expect, it } from "vitest";
import {
  countSteps,
  descendants,
  entrySteps,
  findStep,
  graphAt,
  predecessors,
  topologicalOrder,
  wouldMakeCycle,
} from "./graph";
import { LEADS, LOOPING } from "./testing/kinds";

describe("graph", () => {
  it("names what comes before a step in running order", () => {
    expect(predecessors(LEADS, "wait")).toEqual(["hook", "score", "warm"]);
    expect(predecessors(LEADS, "hook")).toEqual([]);
  });

  it("sees a circle before it is drawn", () => {
    expect(wouldMakeCycle(LEADS, "wait", "score")).toBe(true);
    expect(wouldMakeCycle(LEADS, "warm", "warm")).toBe(true);
    expect(wouldMakeCycle(LEADS, "route", "wait")).toBe(false);
  });

  it("orders steps and loses none even in a circle", () => {
    expect(topologicalOrder(LEADS)).toEqual(["hook", "score", "warm", "route", "wait"]);
    const circle = { ...LEADS, edges: [...LEADS.edges, { from: "wait", to: "score" }] };
    expect(new Set(topologicalOrder(circle))).toEqual(new Set(Object.keys(LEADS.steps)));
    expect(descendants(circle, "score").has("score")).toBe(true);
  });

  it("goes into bodies", () => {
    expect(Object.keys(graphAt(LOOPING, ["each"])?.steps ?? {})).toEqual(["inner"]);
    expect(graphAt(LOOPING, ["route"])).toBeNull();
    expect(findStep(LOOPING, "inner")?.path).toEqual(["each"]);
    expect(countSteps(LOOPING)).toBe(7);
    expect(entrySteps(LOOPING)).toEqual(["hook"]);
  });
});
