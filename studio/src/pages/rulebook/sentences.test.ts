import { expect, it } from "vitest";
import { sentenceChanges } from "./sentences";

it("what is said in both is no change, and a sentence said twice counts twice", () => {
  expect(sentenceChanges(["a", "b"], ["b", "c"])).toEqual({ added: ["c"], removed: ["a"] });
  expect(sentenceChanges(["a", "a"], ["a"])).toEqual({ added: [], removed: ["a"] });
  expect(sentenceChanges([], [])).toEqual({ added: [], removed: [] });
});
