import { describe, expect, it } from "vitest";
import type { RunView, StepView } from "@/api";
import { beatLength, beatsOf, runAtBeat } from "./playback";

function step(id: string, order: number, rest: Partial<StepView> = {}): StepView {
  return { step: id, frame: "", status: "done", order, attempts: 1, duration_ms: 1, output: id, ...rest };
}

//  form ─ score ─┬─ route
//                └─ nurture (skipped)
const run: RunView = {
  id: "r1",
  workflow_id: "w1",
  workflow_name: "Inbound",
  version: 2,
  draft: false,
  status: "completed",
  subject: "Ada",
  lead_id: null,
  trigger_kind: "webhook",
  started_at: "2026-11-23T09:00:00Z",
  finished_at: "2026-11-23T09:00:01Z",
  duration_ms: 12,
  trigger_step: "form",
  document: {
    format: 1,
    name: "Inbound",
    steps: Object.fromEntries(
      ["form", "each", "score", "route", "nurture"].map((id) => [id, { kind: "x", title: id, config: {} }]),
    ),
    edges: [],
  },
  steps: [
    step("route", 5),
    step("nurture", 6, { status: "skipped" }),
    step("form", 0),
    step("each", 1),
    step("row", 2, { count: 2 }),
    step("row", 2, { frame: "each[0]" }),
    step("row", 3, { frame: "each[1]" }),
    step("score", 4),
  ],
  edges: [
    { from: "form", port: "out", to: "each", count: 1 },
    { from: "row", port: "out", to: "row_end", count: 2 },
    { from: "score", port: "yes", to: "route", count: 1 },
  ],
};

const statuses = (at: number) =>
  Object.fromEntries(runAtBeat(run, at).steps.map((s) => [s.frame + s.step, s.status]));

describe("playback", () => {
  it("beats in recorded order, loops as one beat, without the steps that were not reached", () => {
    expect(beatsOf(run)).toEqual(["form", "each", "score", "route"]);
  });

  it("starts with the first step at work and nothing else", () => {
    expect(statuses(0)).toEqual({
      form: "running",
      each: "pending",
      row: "pending",
      "each[0]row": "pending",
      "each[1]row": "pending",
      score: "pending",
      route: "pending",
      nurture: "pending",
    });
    expect(runAtBeat(run, 0).edges.every((edge) => edge.count === 0)).toBe(true);
    expect(runAtBeat(run, 0)).toMatchObject({ status: "running", finished_at: null });
  });

  it("lights a loop's body with the loop", () => {
    expect(statuses(1)["each[0]row"]).toBe("pending");
    expect(statuses(2)).toMatchObject({ form: "done", each: "done", "each[0]row": "done", score: "running" });
    expect(runAtBeat(run, 2).edges.map((edge) => edge.count)).toEqual([1, 2, 0]);
  });

  it("shows nothing of a step before its beat, not even its output", () => {
    const route = runAtBeat(run, 2).steps.find((s) => s.step === "route");
    expect(route).toEqual({ step: "route", frame: "", status: "pending", order: 5, attempts: 0 });
  });

  it("ends as the run itself", () => {
    expect(runAtBeat(run, 4)).toBe(run);
    expect(runAtBeat(run, Number.POSITIVE_INFINITY)).toBe(run);
  });

  it("takes about as long for many steps as for few", () => {
    expect(beatLength(3)).toBe(240);
    expect(beatLength(20) * 20).toBeLessThan(2_500);
    expect(beatLength(0)).toBe(240);
    expect(beatLength(10_000)).toBe(50);
  });
});
