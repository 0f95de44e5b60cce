import { describe, expect, it } from "vitest";
import { callForData } from "./editor-completion";

describe("callForData", () => {
  it.each([
    ["{", { from: 0, query: "" }],
    ["Hi {na", { from: 3, query: "na" }],
    ["Hi {{ first na", { from: 3, query: "first na" }],
    ["/", { from: 0, query: "" }],
    ["to /comp", { from: 3, query: "comp" }],
  ])("opens after %j", (before, call) => expect(callForData(before)).toEqual(call));

  it.each(["", "plain", "https:/", "https://x", "a/b", "{{ a }}", "{{ a }} and on", "50/50"])(
    "leaves %j alone",
    (before) => expect(callForData(before)).toBeNull(),
  );
});
