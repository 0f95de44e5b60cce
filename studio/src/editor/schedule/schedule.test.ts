import { expect, it } from "vitest";
import type { StepKind } from "@/document/types";
import { isSchedule, policyInWords, tallyOf } from "./calendar";
import { monthInWords, shifted, weeksOf } from "./month";

it("lays a month out in weeks from Monday", () => {
  const weeks = weeksOf("2026-11");
  expect(weeks).toHaveLength(6);
  expect(weeks[0]).toEqual([null, null, null, null, null, null, "2026-11-01"]);
  expect(weeks[5]?.[0]).toBe("2026-11-30");
  expect(weeksOf("2027-02")).toHaveLength(4);
});

it("goes over the end of the year", () => {
  expect(shifted("2026-12", 1)).toBe("2027-01");
  expect(shifted("2026-01", -1)).toBe("2025-12");
  expect(monthInWords("2026-11")).toBe("November 2026");
});

it("counts a day's moments, what needs a look first", () => {
  const tick = (outcome: "ran" | "missed") => ({ at: "", local: "08:00", step: "s", outcome });
  expect(tallyOf({ date: "2026-11-02", ticks: [tick("ran"), tick("missed"), tick("ran")] })).toEqual([
    ["missed", 1],
    ["ran", 2],
  ]);
});

it("says the chosen policies in the words of the settings", () => {
  const missed = {
    title: "After a pause",
    default: "once",
    enum: ["skip", "once"],
    "x-labels": { skip: "Skip it", once: "Run once" },
  };
  const kind = { schema: { properties: { cron: { "x-ui": "cron" }, missed } } } as unknown as StepKind;
  expect(isSchedule(kind)).toBe(true);
  expect(policyInWords({ kind: "schedule", title: "", config: {} }, kind)).toBe("After a pause: run once.");
  expect(policyInWords({ kind: "schedule", title: "", config: { missed: "skip" } }, kind)).toBe(
    "After a pause: skip it.",
  );
});
