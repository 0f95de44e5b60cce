import { expect, it } from "vitest";
import { renameReferences } from "./references";
import { freshId, freshTitle, slug } from "./step-ids";

it.each([
  ["Score the lead", "score_the_lead"],
  ["Größe prüfen!", "grosse_prufen"],
  ["2nd try", "nd_try"],
  ["你好", "step"],
  ["a".repeat(60), "a".repeat(40)],
])("%s becomes %s", (title, id) => {
  expect(slug(title)).toBe(id);
  expect(slug(title)).toMatch(/^[a-z][a-z0-9_]{0,39}$/);
});

it("counts up where a name is taken, within the length an id may have", () => {
  expect(freshId("Wait", new Set(["wait", "wait_2"]))).toBe("wait_3");
  const long = "a".repeat(40);
  expect(freshId(long, new Set([long]))).toBe(`${"a".repeat(38)}_2`);
  expect(freshTitle("Wait", new Set(["Wait"]))).toBe("Wait 2");
  expect(freshTitle("Wait 2", new Set(["Wait", "Wait 2"]))).toBe("Wait 3");
  expect(freshTitle("Quarter 4", new Set(["Quarter 4"]))).toBe("Quarter 4 2");
});

it("renames references inside expressions only", () => {
  const names = new Map([["score", "score_2"]]);
  const rename = (text: string) => renameReferences(text, names);
  expect(rename("{{ steps.score.score }} of steps.score")).toBe("{{ steps.score_2.score }} of steps.score");
  expect(rename("{{ steps['score'].x ~ steps.scores.y }}")).toBe("{{ steps['score_2'].x ~ steps.scores.y }}");
  expect(rename("{% if steps.score %}yes{% endif %}")).toBe("{% if steps.score_2 %}yes{% endif %}");
  expect(renameReferences([{ a: "{{ steps.score }}" }, 1, null], names)).toEqual([
    { a: "{{ steps.score_2 }}" },
    1,
    null,
  ]);
});
