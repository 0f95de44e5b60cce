import { expect, it } from "vitest";
import { capInWords, rulesInWords } from "./pool-words";

it("rules read as sentences", () => {
  const rules = {
    turns: "by_weight",
    only_at_work: true,
    anyway_when_closed: false,
    make_up: 1,
    caps: [
      { id: "c1", limit: 5, per: "day", when: [{ field: "company_size", kind: "number", is: "1000+" }] },
    ],
    fallback: "Eve",
  } as const;
  expect(
    rulesInWords({ ...rules, caps: [...rules.caps].map((cap) => ({ ...cap, when: [...cap.when] })) }),
  ).toEqual([
    "By weight: weight 2 gets twice as many as weight 1.",
    "Only members who are at work get leads; when nobody is, the fallback does.",
    "Turns that somebody could not take are made up later, 1 at most.",
    "Each member gets at most 5 leads a day where company size is 1000+.",
    "A lead that no member can take goes to Eve.",
  ]);
  expect(capInWords({ id: "c", limit: 1, per: "open", when: [] })).toBe("1 lead open at a time");
});
