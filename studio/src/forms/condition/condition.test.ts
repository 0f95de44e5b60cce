import { describe, expect, it } from "vitest";
import type { AvailableData } from "../data/available";
import { asCondition, asGroup, moved, OPERATOR_WORDS, OPERATORS, typedValue, withOperator } from "./model";
import { conditionInWords } from "./words";

const available: AvailableData[] = [
  { path: ["trigger"], title: "Form", category: "trigger", sample: {} },
  { path: ["steps", "score"], title: "Score the lead", category: "lead", sample: {} },
];
const words = (value: unknown) => conditionInWords(asCondition(value), available);

describe("conditions in words", () => {
  it("names the field without its step", () => {
    expect(words({ field: "{{ steps.score.score }}", op: "at_least", value: 70 })).toBe(
      "score is at least 70",
    );
  });

  it("joins groups and brackets inner ones", () => {
    const condition = {
      all: [
        { field: "{{ steps.score.score }}", op: "between", value: [40, 69] },
        {
          any: [
            { field: "{{ trigger.body.country }}", op: "one_of", value: ["Germany", "France"] },
            { field: "{{ trigger.body.email }}", op: "is_not_free_mailbox" },
          ],
        },
      ],
    };
    expect(words(condition)).toBe(
      "score is between 40 and 69 and (country is one of Germany, France or e-mail is a company mailbox)",
    );
  });

  it("says when nothing is asked", () => {
    expect(words({ all: [] })).toBe("always");
    expect(words({ any: [] })).toBe("never");
    expect(words(null)).toBe("always");
  });

  it("shows what is still to be filled in", () => {
    expect(words({ field: "", op: "equals", value: "" })).toBe("… is …");
    expect(words({ field: "{{ trigger.body.x }}", op: "one_of", value: [] })).toBe("x is one of …");
  });

  it("compares with another field by name", () => {
    expect(words({ field: "{{ trigger.body.a }}", op: "equals", value: "{{ trigger.body.b }}" })).toBe(
      "a is b",
    );
  });

  it("has words for every operator", () => {
    for (const op of OPERATORS) expect(OPERATOR_WORDS[op].words).not.toBe("");
    expect(new Set(OPERATORS.map((op) => OPERATOR_WORDS[op].words)).size).toBe(OPERATORS.length);
  });
});

describe("condition edits", () => {
  it("wraps a lone comparison for editing", () => {
    expect(asGroup({ field: "a", op: "is_empty" })).toEqual({ all: [{ field: "a", op: "is_empty" }] });
  });

  it("fits the value when the operator changes", () => {
    const base = { field: "f", op: "equals", value: "x" } as const;
    expect(withOperator(base, "one_of")).toEqual({ field: "f", op: "one_of", value: ["x"] });
    expect(withOperator(base, "is_empty")).toEqual({ field: "f", op: "is_empty" });
    expect(withOperator(base, "between")).toEqual({ field: "f", op: "between", value: ["x", ""] });
    expect(withOperator({ field: "f", op: "one_of", value: ["a", "b"] }, "equals").value).toBe("a");
  });

  it.each([
    ["70", 70],
    ["-1.5", -1.5],
    ["007", "007"],
    ["1e3", "1e3"],
    ["", ""],
    ["+49 30", "+49 30"],
    ["12345678901234567890", "12345678901234567890"],
  ])("types %j as %j", (text, value) => expect(typedValue(text)).toBe(value));

  it("moves within bounds", () => {
    expect(moved(["a", "b", "c"], 0, 2)).toEqual(["b", "c", "a"]);
    expect(moved(["a", "b", "c"], 2, -1)).toEqual(["c", "a", "b"]);
    expect(moved(["a"], 3, 0)).toEqual(["a"]);
  });
});
