import { expect, test } from "vitest";
import {
  addressOf,
  asks,
  columnsOf,
  differs,
  matchesInWords,
  nextSort,
  readLeadAddress,
  testsOf,
  viewOf,
} from "./address";

const rule = { all: [{ field: "country", op: "equals", value: "DE" }, { any: [{ did: "touched" }] }] };

test("an address keeps what is meant and leaves out the rest", () => {
  expect(readLeadAddress({ search: 4711, sort: "shoe_size", filter: { all: [] }, other: 1 })).toEqual({
    search: "4711",
  });
  expect(readLeadAddress({ sort: "-score", filter: rule, columns: "name,fields.plan" })).toEqual({
    sort: "-score",
    filter: rule,
    columns: "name,fields.plan",
  });
});

test("a view is an address with a name, and says when the page shows something else", () => {
  const address = readLeadAddress({ stage: "MQL", filter: rule, sort: "score" });
  const view = { id: "v", name: "Hot", revision: 1, updated_at: "", view: viewOf(address) };
  expect(addressOf(view)).toEqual({ ...address, view: "v" });
  expect(differs(addressOf(view), view)).toBe(false);
  expect(differs({ ...address, stage: "SQL" }, view)).toBe(true);
});

test("rules are counted, columns have usual ones, heads turn", () => {
  expect([testsOf(rule), testsOf(undefined), asks({ any: [] })]).toEqual([2, 0, false]);
  expect(columnsOf({})[0]).toBe("name");
  expect([
    nextSort("score", "-created_at"),
    nextSort("score", "-score"),
    nextSort("company", "-score"),
  ]).toEqual(["-score", "score", null]);
});

test("what was looked at is said when not everything was", () => {
  const found = { total: 3, atLeast: true, lookedAt: 50_000, isPart: true };
  expect(matchesInWords(found)).toBe("3 of the first 50,000 match");
  expect(matchesInWords({ ...found, isPart: false, atLeast: false })).toBe("3 match");
  expect(matchesInWords({ ...found, isPart: false, total: 10_000 })).toBe("10,000+ match");
});
