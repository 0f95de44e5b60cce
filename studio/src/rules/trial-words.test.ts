import { expect, it } from "vitest";
import type { Job } from "@/api";
import { trialInWords } from "./trial-words";

const job = (groups: [string, string, number][], status: Job["status"] = "completed"): Job =>
  ({
    status,
    done: 500,
    groups: groups.map(([group, label, count]) => ({ group, label, count })),
  }) as Job;

it("says who would cross a threshold", () => {
  const groups: [string, string, number][] = [
    ["reach:MQL", "would become MQL", 41],
    ["cease:MQL", "would cease to be MQL", 12],
    ["same_score", "with the same score", 400],
  ];
  expect(trialInWords(job(groups))).toBe(
    "41 leads would become MQL, 12 would cease to be MQL (of 500 leads)",
  );
});

it("says when nobody would", () => {
  expect(trialInWords(job([["other_score", "with another score", 3]]))).toBe(
    "Nobody would cross a threshold; 3 scores would change (of 500 leads)",
  );
  expect(trialInWords(job([["stay", "would stay", 9]]))).toBe("Nothing would change (of 500 leads)");
  expect(trialInWords(job([], "failed"))).toBe("It could not be tried");
});
