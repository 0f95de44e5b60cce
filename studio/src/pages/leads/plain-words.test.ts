import { expect, test } from "vitest";
import { dateTime } from "@/app/time";
import { isPlain, plainWords } from "./plain-words";

test("single values are said in words", () => {
  expect([null, undefined, "", true, false, 71, "MQL"].map(plainWords)).toEqual([
    "nothing",
    "nothing",
    "nothing",
    "yes",
    "no",
    "71",
    "MQL",
  ]);
});

test("a moment is said in the reader's time, whatever its fraction and zone", () => {
  for (const moment of ["2026-11-30T08:54:46.836572332+00:00", "2026-11-30T08:54:46Z"]) {
    expect(plainWords(moment)).toBe(dateTime(moment));
    expect(plainWords(moment)).toMatch(/^30 Nov 2026, \d\d:54$/);
  }
  for (const other of ["2026-11-30", "2026-99-99T08:54:46Z", "at 2026-11-30T08:54:46Z"]) {
    expect(plainWords(other)).toBe(other);
  }
});

test("what has parts is not a single value", () => {
  expect([null, "a", 1, true].every(isPlain)).toBe(true);
  expect([{}, [1]].some(isPlain)).toBe(false);
});
