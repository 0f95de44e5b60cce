import { describe, expect, it } from "vitest";
import { availableData, contextOf } from "./available-data";
import { KINDS, LEADS, LOOPING } from "./testing/kinds";

const paths = (data: ReturnType<typeof availableData>) => data.map(({ path }) => path.join("."));

describe("available data", () => {
  it("lists earlier steps, nearest first, and the trigger", () => {
    const data = availableData({ document: LEADS, kinds: KINDS, path: [], id: "route" });
    expect(paths(data)).toEqual(["steps.warm", "steps.score", "trigger"]);
    expect(data[1]).toMatchObject({
      title: "Score the lead",
      category: "lead",
      sample: { score: 85 },
      origin: "example",
    });
  });

  it("prefers a pinned sample, then the last run, then the example", () => {
    const ask = (document: typeof LEADS) =>
      availableData({
        document,
        kinds: KINDS,
        path: [],
        id: "warm",
        outputs: { seen: { score: { score: 12 } }, rehearsed: { score: { score: 3 } } },
      })[0];
    expect(ask(LEADS)).toMatchObject({ sample: { score: 12 }, origin: "run" });
    expect(ask({ ...LEADS, samples: { score: { score: 1 } } })).toMatchObject({
      sample: { score: 1 },
      origin: "pinned",
    });
  });

  it("takes what was worked out over the descriptor's example", () => {
    const outputs = { seen: {}, rehearsed: { score: { score: 3 } } };
    const [, nearest] = availableData({ document: LEADS, kinds: KINDS, path: [], id: "route", outputs });
    expect(nearest).toMatchObject({ sample: { score: 3 }, origin: "example" });
  });

  it("sees the item and what came before the loop from inside a body", () => {
    const data = availableData({ document: LOOPING, kinds: KINDS, path: ["each"], id: "inner" });
    expect(paths(data)).toEqual(["item", "index", "steps.route", "steps.warm", "steps.score", "trigger"]);
    expect(data[0]?.sample).toEqual({ id: 1 });
    expect(contextOf(data)).toEqual({
      trigger: { body: { rows: [{ id: 1 }, { id: 2 }] } },
      steps: { score: { score: 85 } },
      item: { id: 1 },
      index: 0,
    });
  });

  it("knows nothing of a step that is gone", () => {
    expect(availableData({ document: LEADS, kinds: KINDS, path: ["gone"], id: "x" })).toEqual([]);
  });
});
