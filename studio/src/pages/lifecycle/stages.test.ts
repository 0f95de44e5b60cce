import { expect, it } from "vitest";
import { lengthInWords, readStages, writeStages } from "./stages";

it("reads back what it wrote, and nothing as no stages", () => {
  expect(readStages(writeStages([{ name: "MQL" }]))).toEqual([{ name: "MQL" }]);
  expect(readStages({})).toEqual([]);
});

it("says lengths of time as people do", () => {
  expect([30, 60, 5_400, 86_400, 260_000].map(lengthInWords)).toEqual([
    "under a minute",
    "1 minute",
    "2 hours",
    "1 day",
    "3 days",
  ]);
});
