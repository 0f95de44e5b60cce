import { describe, expect, it } from "vitest";
import {
  type AvailableData,
  holeOf,
  inShort,
  keyInWords,
  leavesOf,
  ordinal,
  searchLeaves,
  treeOf,
} from "./available";

const score: AvailableData = {
  path: ["steps", "score"],
  title: "Score the lead",
  category: "lead",
  sample: {
    score: 85,
    reasons: [
      { label: "Company size", points: 25 },
      { label: "Industry", points: 15 },
    ],
  },
};

describe("the data tree", () => {
  it("mirrors the sample", () => {
    const tree = treeOf(score);
    expect(tree.map((node) => node.label)).toEqual(["Score", "Reasons"]);
    expect(tree[1]?.children.map((node) => node.label)).toEqual(["1st", "2nd"]);
  });

  it("gives each node the expression that reaches it", () => {
    const label = treeOf(score)[1]?.children[1]?.children[0];
    expect(label && holeOf(label)).toBe("{{ steps.score.reasons[1].label }}");
  });

  it("is empty without a sample", () => {
    expect(treeOf({ ...score, sample: undefined })).toEqual([]);
  });

  it("lists lists by their first row", () => {
    expect(leavesOf([score]).map((leaf) => leaf.trail)).toEqual([
      "",
      "Score",
      "Reasons",
      "Reasons · 1st",
      "Reasons · 1st · Label",
      "Reasons · 1st · Points",
    ]);
  });

  it("finds by step, field and value together", () => {
    const found = searchLeaves(leavesOf([score]), "score company");
    expect(found.map((leaf) => leaf.trail)).toEqual(["Reasons · 1st · Label"]);
    expect(searchLeaves(leavesOf([score]), "nothing like it")).toEqual([]);
  });
});

describe("words", () => {
  it.each([
    ["first_name", "First name"],
    ["companySize", "Company size"],
    ["email", "E-mail"],
    ["id", "ID"],
    ["", ""],
  ])("key %j reads %j", (key, words) => expect(keyInWords(key)).toBe(words));

  it("counts as people do", () => {
    expect([1, 2, 3, 4, 11, 12, 13, 21, 102, 112].map(ordinal).join(" ")).toBe(
      "1st 2nd 3rd 4th 11th 12th 13th 21st 102nd 112th",
    );
  });

  it("never says undefined", () => {
    expect([undefined, null, "", [], [1], {}, true].map((value) => inShort(value))).toEqual([
      "no sample",
      "empty",
      "empty text",
      "0 items",
      "1 item",
      "0 fields",
      "yes",
    ]);
  });
});
