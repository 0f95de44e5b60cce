import { expect, it } from "vitest";
import { KINDS, LEADS } from "@/document/testing/kinds";
import { allowedCategories, searchKinds } from "./palette-search";
import { likelyTarget } from "./placing";
import { sameDocument } from "./same-document";
import { saveWords } from "./save-words";

const found = (query: string) =>
  searchKinds(KINDS, query, allowedCategories(KINDS, false, false)).flatMap(({ kinds }) =>
    kinds.map(({ title }) => title),
  );

it("finds kinds by the beginning of words, best first", () => {
  expect(found("wa")[0]).toBe("Wait");
  expect(found("set f")).toEqual(["Set fields"]);
  expect(found("zebra")).toEqual([]);
});

it("offers no trigger inside a body and puts triggers first only on an empty canvas", () => {
  expect(allowedCategories(KINDS, true, false)).not.toContain("trigger");
  expect(allowedCategories(KINDS, false, true)[0]).toBe("trigger");
  expect(allowedCategories(KINDS, false, false).at(-1)).toBe("trigger");
});

it("adds after the selection, into its edge when it has one, or at the only loose end", () => {
  expect(likelyTarget(LEADS, KINDS, ["route"])).toEqual({ where: "after", step: "route", port: "out" });
  expect(likelyTarget(LEADS, KINDS, ["score"])).toEqual({
    where: "edge",
    edge: { from: "score", to: "warm" },
  });
  expect(likelyTarget(LEADS, KINDS, [])).toEqual({ where: "free" });
  const { hook, score } = LEADS.steps;
  if (!hook || !score) throw new Error("the test document changed");
  const chain = { steps: { hook, score }, edges: [{ from: "hook", to: "score" }] };
  expect(likelyTarget(chain, KINDS, [])).toEqual({
    where: "after",
    step: "score",
    port: "out",
  });
});

it("compares documents by meaning, not by the order of keys", () => {
  expect(sameDocument({ a: 1, b: [{ c: 2, d: undefined }] }, { b: [{ c: 2 }], a: 1 })).toBe(true);
  expect(sameDocument({ a: [1, 2] }, { a: [2, 1] })).toBe(false);
  expect(sameDocument({ a: 1 }, { a: 1, b: 0 })).toBe(false);
  expect(sameDocument([], {})).toBe(false);
});

it("says how long ago the draft was saved, or why not", () => {
  const at = (status: Parameters<typeof saveWords>[0]["status"], savedAt: number | null) =>
    saveWords({ status, savedAt }, 100_000);
  expect(at("saved", null)).toBe("Saved");
  expect(at("saved", 99_500)).toBe("Saved just now");
  expect(at("saved", 98_000)).toBe("Saved 2 s ago");
  expect(at("saved", 0)).toBe("Saved 1 min ago");
  expect(at("unreachable", 0)).toBe("Not saved yet: server not reachable");
});
