import { describe, expect, it } from "vitest";
import { applyChanges } from "./change";
import {
  adaptClipping,
  copySteps,
  readClipping,
  readDocument,
  whyNotPasted,
  writeClipping,
} from "./clipboard";
import { pasteSteps } from "./commands";
import { LEADS, LOOPING } from "./testing/kinds";

const copied = () => {
  const clipping = copySteps(LEADS, [], ["score", "warm", "route"]);
  if (!clipping) throw new Error("nothing was copied");
  return clipping;
};

describe("clipboard", () => {
  it("takes inner edges only", () => {
    expect(copied().edges).toEqual([
      { from: "score", to: "warm" },
      { from: "warm", port: "yes", to: "route" },
    ]);
    expect(Object.keys(copied().layout)).toEqual(["score", "warm", "route"]);
    expect(copySteps(LEADS, [], [])).toBeNull();
    expect(copySteps(LEADS, ["gone"], ["hook"])).toBeNull();
  });

  it("survives being text", () => {
    expect(readClipping(writeClipping(copied()))).toEqual(copied());
  });

  it.each([
    "hello",
    "{}",
    "[1]",
    '{"format":1,"steps":{"a":{}},"edges":[],"name":"x"}',
    '{"format":2,"name":"x","steps":{},"edges":[]}',
  ])("reads nothing out of %s", (text) => {
    expect(readClipping(text)).toBeNull();
    expect(readDocument(text)).toBeNull();
  });

  it("reads a whole document as steps, too", () => {
    expect(Object.keys(readClipping(JSON.stringify(LEADS))?.steps ?? {})).toEqual(Object.keys(LEADS.steps));
    expect(readDocument(JSON.stringify(LEADS))).toEqual(LEADS);
    expect(readDocument(writeClipping(copied()))).toBeNull();
  });

  it("gives pasted steps names of their own and lets references follow", () => {
    const adapted = adaptClipping(copied(), LEADS);
    expect(Object.keys(adapted.steps)).toEqual(["score_the_lead_2", "warm_2", "route_2"]);
    expect(adapted.steps.score_the_lead_2?.title).toBe("Score the lead 2");
    expect(adapted.steps.route_2?.config).toEqual({
      fields: [{ name: "s", value: "{{ steps.score_the_lead_2.score }}" }],
    });
    expect(adapted.edges).toContainEqual({ from: "warm_2", port: "yes", to: "route_2" });
    expect(Object.keys(adapted.layout)).toEqual(["score_the_lead_2", "warm_2", "route_2"]);
  });

  it("keeps ids that are free and references to steps that stayed behind", () => {
    const elsewhere = { ...LEADS, steps: {}, edges: [], layout: {} };
    expect(Object.keys(adaptClipping(copied(), elsewhere).steps)).toEqual(["score", "warm", "route"]);
    const alone = copySteps(LEADS, [], ["route"]);
    if (!alone) throw new Error("nothing was copied");
    expect(adaptClipping(alone, LEADS).steps.route_2?.config).toEqual(LEADS.steps.route?.config);
  });

  it("renames inside bodies", () => {
    const loop = copySteps(LOOPING, [], ["each"]);
    if (!loop) throw new Error("nothing was copied");
    expect(Object.keys(adaptClipping(loop, LOOPING).steps.each_row_2?.body?.steps ?? {})).toEqual([
      "inner_2",
    ]);
  });

  it("pastes what it adapted", () => {
    const clipping = adaptClipping(copied(), LEADS);
    const after = applyChanges(LEADS, pasteSteps.run(LEADS, { path: [], clipping }));
    expect(Object.keys(after.steps)).toHaveLength(8);
    expect(after.edges).toHaveLength(6);
  });

  it("says why JSON was not pasted, and nothing about other text", () => {
    expect(whyNotPasted("a note about leads")).toBeNull();
    expect(whyNotPasted('{ "steps": ')?.code).toBe("API-0002");
    expect(whyNotPasted('{"colour":"red"}')?.code).toBe("API-0005");
  });
});
