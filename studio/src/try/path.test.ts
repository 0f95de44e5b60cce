import { describe, expect, it } from "vitest";
import type { PathStep } from "@/api";
import type { Step, WorkflowDocument } from "@/document/types";
import { overlayOfPath, pairStops, stopsOf } from "./path";

/*  trigger -> score -> hot --yes--> sales -> stage
 *                         --no---> nurture        */
const DOCUMENT: WorkflowDocument = {
  format: 1,
  name: "Inbound",
  steps: Object.fromEntries(
    ["trigger", "score", "hot", "sales", "stage", "nurture"].map((id) => [
      id,
      { kind: "set_fields", title: id.toUpperCase(), config: {} },
    ]),
  ),
  edges: [],
};
const edge = (from: string, to: string, port = "out"): PathStep => ({ from, port, to });
const HOT = [
  edge("trigger", "score"),
  edge("score", "hot"),
  edge("hot", "sales", "yes"),
  edge("sales", "stage"),
];
const COLD = [edge("trigger", "score"), edge("score", "hot"), edge("hot", "nurture", "no")];
const stops = (path: PathStep[]) => stopsOf(path, DOCUMENT, {});

describe("the way a run took", () => {
  it("is its steps in order, with the port where there was a choice", () => {
    expect(stops(HOT).map(({ title, port }) => [title, port])).toEqual([
      ["TRIGGER", ""],
      ["SCORE", ""],
      ["HOT", "yes"],
      ["SALES", ""],
      ["STAGE", ""],
    ]);
  });

  it("is put in order, for the server tells its edges as the document has them", () => {
    expect(stops([...HOT].reverse())).toEqual(stops(HOT));
  });

  it("waits where branches meet again", () => {
    const meeting = [edge("trigger", "stage"), edge("trigger", "score"), edge("score", "stage")];
    expect(stops(meeting).map(({ step }) => step)).toEqual(["trigger", "score", "stage"]);
  });

  it("tells the steps of a loop's body right after the loop", () => {
    const { trigger, score, stage, sales, hot } = DOCUMENT.steps as Record<string, Step>;
    const document = {
      ...DOCUMENT,
      steps: { trigger, hot: { ...hot, body: { steps: { score, sales }, edges: [] } }, stage },
    } as WorkflowDocument;
    const path = [edge("score", "sales"), edge("trigger", "hot"), edge("hot", "stage")];
    expect(stopsOf(path, document, {}).map(({ step, depth }) => [step, depth])).toEqual([
      ["trigger", 0],
      ["hot", 0],
      ["score", 1],
      ["sales", 1],
      ["stage", 0],
    ]);
  });

  it("names a step that is gone by its id", () => {
    expect(stops([edge("trigger", "removed")]).at(-1)?.title).toBe("removed");
  });
});

describe("two ways beside one another", () => {
  const told = (old: PathStep[], now: PathStep[]) =>
    pairStops(stops(old), stops(now)).map((pair) => [
      pair.old?.step ?? null,
      pair.new?.step ?? null,
      pair.differs,
    ]);

  it("share what they have in common and part at the fork", () => {
    expect(told(HOT, COLD)).toEqual([
      ["trigger", "trigger", false],
      ["score", "score", false],
      ["hot", "hot", true],
      ["sales", "nurture", true],
      ["stage", null, true],
    ]);
  });

  it("meet again after a step that only one of them has", () => {
    const straight = [edge("trigger", "hot"), edge("hot", "stage")];
    const around = [edge("trigger", "score"), edge("score", "hot"), edge("hot", "stage")];
    expect(told(straight, around)).toEqual([
      ["trigger", "trigger", false],
      [null, "score", true],
      ["hot", "hot", false],
      ["stage", "stage", false],
    ]);
  });

  it("are told one after the other when the order is another", () => {
    const one = [edge("score", "sales")];
    const other = [edge("sales", "score")];
    const pairs = told(one, other);
    expect(pairs.flatMap(([old]) => old ?? [])).toEqual(["score", "sales"]);
    expect(pairs.flatMap(([, now]) => now ?? [])).toEqual(["sales", "score"]);
  });
});

it("draws the steps that were come to and counts the edges taken", () => {
  const { statuses, traffic } = overlayOfPath(COLD, DOCUMENT);
  expect(statuses.nurture?.status).toBe("done");
  expect(statuses.sales).toEqual({ status: "skipped", summary: "not reached" });
  expect(traffic).toEqual({
    "trigger:out>score": { count: 1 },
    "score:out>hot": { count: 1 },
    "hot:no>nurture": { count: 1 },
  });
});
