import { expect, it } from "vitest";
import { LEADS } from "@/document/testing/kinds";
import { firstStep, neighbour } from "./navigate";
import { type OverlayStep, overlayOfRun } from "./run-overlay";
import { timeWords } from "./time-words";

const step = (part: Partial<OverlayStep>): OverlayStep => ({
  step: "a",
  frame: "",
  status: "done",
  attempts: 1,
  ...part,
});
const status = (part: Partial<OverlayStep>) =>
  overlayOfRun({ steps: [step(part)], edges: [] }, "").statuses.a;

it("puts outcomes into words", () => {
  expect(status({ duration_ms: 0.32 })).toEqual({ status: "done", words: "Done", time: "0.3 ms" });
  expect(status({ attempts: 2 })?.words).toBe("Done, 1 retry");
  expect(status({ attempts: 4, status: "failed" })?.words).toBe("Failed, 3 retries");
  expect(status({ count: 12 })?.words).toBe("Done · 12 times");
  expect(status({ status: "skipped", duration_ms: 0 })).toEqual({
    status: "skipped",
    words: "Skipped",
    summary: "not reached",
  });
  expect(status({ why: "85 of 100. Six rules held." })?.summary).toBe("85 of 100");
});

it("shows one frame at a time and counts every edge", () => {
  const run = {
    steps: [step({ frame: "each[0]" }), step({ frame: "each[1]", status: "failed" })],
    edges: [
      { from: "a", port: "out", to: "b", count: 2 },
      { from: "a", port: "yes", to: "b", count: 0 },
    ],
  };
  expect(overlayOfRun(run, "each[1]").statuses.a?.status).toBe("failed");
  expect(overlayOfRun(run, "").statuses).toEqual({});
  expect(overlayOfRun(run, "").traffic).toEqual({ "a:out>b": { count: 2 }, "a:yes>b": { count: 0 } });
});

it.each([
  [null, ""],
  [0, "0.0 ms"],
  [362.4, "362 ms"],
  [1400, "1.4 s"],
  [59_000, "59 s"],
  [125_000, "2 min 5 s"],
  [7_200_000, "2 h"],
  [90_000_000, "1 d 1 h"],
])("%s ms is %s", (ms, words) => expect(timeWords(ms)).toBe(words));

it("walks along connections and rows", () => {
  const layout = LEADS.layout ?? {};
  expect(neighbour(LEADS, layout, "warm", "ArrowUp")).toBe("score");
  expect(neighbour(LEADS, layout, "hook", "ArrowUp")).toBeNull();
  expect(neighbour(LEADS, layout, "route", "ArrowRight")).toBe("wait");
  expect(neighbour(LEADS, layout, "wait", "ArrowLeft")).toBe("route");
  expect(["route", "wait"]).toContain(neighbour(LEADS, layout, "warm", "ArrowDown"));
  expect(firstStep(LEADS, layout)).toBe("hook");
  expect(firstStep({ steps: {}, edges: [] }, {})).toBeNull();
});
