import { expect, it } from "vitest";
import { changesBetween } from "./compare";
import { KINDS, LEADS, LOOPING } from "./testing/kinds";
import type { Step } from "./types";

const changed = (id: string, part: Partial<Step>) => {
  const step = LEADS.steps[id];
  if (!step) throw new Error("no such step");
  return changesBetween(LEADS, { ...LEADS, steps: { ...LEADS.steps, [id]: { ...step, ...part } } }, KINDS);
};

it("says what changed in sentences", () => {
  expect(changed("wait", { config: { seconds: 60 } })).toEqual(["Changed seconds of “Wait”: 7200 to 60"]);
  expect(changed("wait", { title: "Pause" })).toEqual(["Renamed “Wait” to “Pause”"]);
  expect(changed("wait", { disabled: true })).toEqual(["Switched “Wait” off"]);
  expect(changed("wait", { retry: { times: 2, wait_seconds: 5 } })).toEqual([
    "Changed the options of “Wait”",
  ]);
});

it("looks into bodies and does not repeat what an added step implies", () => {
  expect(changesBetween(LEADS, LOOPING, KINDS)).toEqual(["Added “Each row”", "Added “Inner”"]);
  expect(changesBetween(LOOPING, LEADS, KINDS)).toEqual(["Removed “Each row”", "Removed “Inner”"]);
});

it("names connections by their steps", () => {
  const without = { ...LEADS, edges: LEADS.edges.slice(1) };
  expect(changesBetween(LEADS, without, KINDS)).toEqual(["Disconnected “Web form” to “Score the lead”"]);
  expect(changesBetween(without, LEADS, KINDS)).toEqual(["Connected “Web form” to “Score the lead”"]);
});

it("finds nothing in places and samples", () => {
  expect(changesBetween(LEADS, { ...LEADS, layout: {}, samples: { hook: 1 } }, KINDS)).toEqual([]);
});

it("names the settings that changed", () => {
  const settings = { most_at_once: 5, order_by: { key: "{{ trigger.body.email }}" } };
  expect(changesBetween(LEADS, { ...LEADS, settings }, KINDS)).toEqual([
    "Changed which runs go one after the other",
    "Changed how many run at once",
  ]);
  expect(
    changesBetween({ ...LEADS, settings }, { ...LEADS, settings: { ...settings, most_at_once: 9 } }, KINDS),
  ).toEqual(["Changed how many run at once: 5 to 9"]);
});
