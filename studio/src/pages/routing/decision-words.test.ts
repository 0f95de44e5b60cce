import { expect, it } from "vitest";
import { moved, passedInWords, placeInWords } from "./decision-words";

it("counters read as what they were and became", () => {
  expect(moved(3, 4)).toBe("3 → 4");
  expect(moved(0, -1)).toBe("0 → −1");
  expect(moved(2, 2)).toBe("2");
});

it("a decision says where it was made", () => {
  const decision = { sentence: "", source: "pool" };
  expect(placeInWords({ ...decision, table: "Territories", version: 3, row: 2, pool: "AE" })).toBe(
    "Row 2 of Territories, version 3",
  );
  expect(placeInWords({ ...decision, table: "Territories" })).toBe("Territories, before its rows");
  expect(placeInWords({ ...decision, pool: "AE" })).toBe("The pool AE");
  expect(
    passedInWords([
      { row: 0, why: "no owner" },
      { row: 1, why: "country is DE" },
    ]),
  ).toEqual(["Before the rows: no owner.", "Row 1 not: country is DE."]);
});
