import { describe, expect, it } from "vitest";
import type { DuplicateLearning } from "@/api";
import { enoughAnswers, share, signed } from "./learning-words";

const learning = (more: Partial<DuplicateLearning>): DuplicateLearning => ({
  is_on: true,
  merged: 0,
  different: 0,
  fewest: 40,
  fewest_of_each: 10,
  taught: null,
  ...more,
});

describe("what is said about learning", () => {
  it("says what is missing", () => {
    expect(enoughAnswers(learning({ merged: 20, different: 3 }))).toMatch(/fewer than 40 answers: 17 more/);
    expect(enoughAnswers(learning({ merged: 60, different: 3 }))).toMatch(
      /10 pairs that are not the same: 7 more/,
    );
    expect(enoughAnswers(learning({ merged: 4, different: 90 }))).toMatch(/10 merges: 6 more/);
  });

  it("tells answers that teach nothing from those that were not asked", () => {
    expect(enoughAnswers(learning({ merged: 30, different: 30 }))).toMatch(/stay as they are/);
    expect(enoughAnswers(learning({ merged: 30, different: 30, is_on: false }))).toMatch(/enough to learn/);
  });

  it("writes shares and weights", () => {
    expect([share(1), share(0.456)]).toEqual(["100 %", "46 %"]);
    expect([signed(1.26), signed(-0.4), signed(0)]).toEqual(["+1.3", "−0.4", "+0.0"]);
  });
});
