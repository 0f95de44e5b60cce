import { expect, it } from "vitest";
import { outPorts } from "./ports";
import { KINDS } from "./testing/kinds";
import type { StepKind } from "./types";

const ask: StepKind = {
  ...(KINDS.switch as StepKind),
  kind: "ask",
  default_config: { options: [{ id: "yes", label: "Approve" }] },
  ports: { rule: "cases", field: "options", default_label: "No answer in time", default_port: "timeout" },
};
const idsOf = (config: Record<string, unknown>) =>
  outPorts({ kind: "ask", title: "Ask", config }, ask).map(({ id }) => id);

it("a step with answers has one way out for each and its kind's own last one", () => {
  expect(idsOf({ options: [{ id: "a" }, { id: "b" }] })).toEqual(["a", "b", "timeout"]);
});

it("answers left out are those a fresh step starts with", () => {
  expect(idsOf({})).toEqual(["yes", "timeout"]);
  expect(idsOf({ options: [] })).toEqual(["timeout"]);
});
