import { expect, it } from "vitest";
import { promiseOf } from "./promise";
import { KINDS } from "./testing/kinds";
import type { StepKind } from "./types";

const http = {
  ...(KINDS.score as StepKind),
  promise: "uncertain",
  promise_text: "Asks a person.",
} as StepKind;
const level = (config: Record<string, unknown>) => promiseOf({ config }, http).level;

it("a request promises what its settings allow", () => {
  expect(level({ method: "POST" })).toBe("uncertain");
  expect(level({ method: "GET" })).toBe("none");
  expect(level({ method: "POST", ignores_repeats: true })).toBe("once");
  expect(level({ method: "POST", look: { url: "https://example.com" } })).toBe("checked");
  expect(level({ method: "POST", look: null })).toBe("uncertain");
});

it("other kinds keep to their word whatever their settings are called", () => {
  const once = { ...http, promise: "once" } as StepKind;
  expect(promiseOf({ config: { method: "GET" } }, once).level).toBe("once");
});
