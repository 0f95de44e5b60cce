import { expect, it } from "vitest";
import { newStep } from "./new-step";
import { KINDS, LEADS } from "./testing/kinds";
import type { StepKind } from "./types";

const kind = (name: string): StepKind => {
  const found = KINDS[name];
  if (!found) throw new Error("no such kind");
  return found;
};

it("starts from the defaults under a title and an id of its own", () => {
  const { id, step } = newStep(LEADS, kind("wait"), "a1b2");
  expect({ id, step }).toEqual({
    id: "wait_2",
    step: { kind: "wait", title: "Wait 2", config: { seconds: 3600 } },
  });
  expect(step.config).not.toBe(kind("wait").default_config);
});

it("gives a loop its body", () => {
  expect(newStep(LEADS, kind("loop"), "a1b2").step.body).toEqual({ steps: {}, edges: [] });
});

it("gives a trigger an address that no other workflow has", () => {
  const hook = { ...kind("webhook"), default_config: { path: "new-leads" } };
  expect(newStep(LEADS, hook, "a1b2").step.config.path).toBe("leads-a1b2");
  const taken = {
    ...LEADS,
    steps: { hook: { kind: "webhook", title: "x", config: { path: "leads-a1b2" } } },
  };
  expect(newStep(taken, hook, "a1b2").step.config.path).toBe("leads-a1b2-2");
});
