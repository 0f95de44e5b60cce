import { expect, it } from "vitest";
import { leftInWords, rateInWords, rateOf, type Seen, withSight } from "./rate";

const seenOf = (...sights: [at: number, done: number][]) =>
  sights.reduce<Seen[]>((seen, [at, done]) => withSight(seen, { at, done }), []);

it("is known only after a while, and only of the last moments", () => {
  expect(rateOf(seenOf([0, 10]))).toBeNull();
  expect(rateOf(seenOf([0, 10], [500, 20]))).toBeNull();
  expect(rateOf(seenOf([0, 0], [2000, 1000]))).toBe(500);
  expect(rateOf(seenOf([0, 0], [30_000, 10], [40_000, 110]))).toBe(10);
});

it("starts afresh when the count goes back", () => {
  expect(seenOf([0, 100], [1000, 5])).toEqual([{ at: 1000, done: 5 }]);
});

it("is said in words with the time that is left", () => {
  expect(rateInWords(1993.4)).toBe("1,993 a second");
  expect(rateInWords(0.3)).toBe("18 a minute");
  expect(leftInWords(868_400, 1993)).toBe("about 7 min left");
  expect(leftInWords(10, 5)).toBe("a few seconds left");
  expect(leftInWords(0, 5)).toBe("");
});
