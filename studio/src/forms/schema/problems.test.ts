import { describe, expect, it } from "vitest";
import type { Problem } from "@/document/types";
import { checkValue, drawnPointers, messagesAt, messagesOfStep, pointerTo } from "./problems";

function problem(field: string | undefined, message: string): Problem {
  return {
    code: "X-0001",
    severity: "error",
    message,
    action: "Mend it.",
    ...(field === undefined ? {} : { field }),
  };
}

describe("where problems stand", () => {
  const problems = [
    problem("/rules/2/field", "deep"),
    problem("/rules", "list"),
    problem("/lead", "lead"),
    problem("/rulesets", "other"),
    problem("/hidden/x", "hidden"),
    problem(undefined, "step"),
    problem("", "whole"),
  ];
  const at = (pointer: string, drawn?: string[]) =>
    messagesAt(problems, pointer, drawn).map((m) => m.message);

  it("at the field they name, or the deepest drawn one above it", () => {
    expect(at("/rules")).toEqual(["deep", "list"]);
    expect(at("/lead")).toEqual(["lead"]);
  });

  it("but not where an inner field shows them", () => {
    expect(at("/rules", ["/rules/2"])).toEqual(["list"]);
    expect(at("/rules/2")).toEqual(["deep"]);
  });

  it("on top of the form when no field shows them, so that none is lost", () => {
    const drawn = ["/rules", "/lead", "/rulesets"];
    expect(messagesOfStep(problems, drawn).map((m) => m.message)).toEqual(["hidden", "step", "whole"]);
    const everywhere = [
      ...drawn.flatMap((pointer) => at(pointer)),
      ...messagesOfStep(problems, drawn).map((m) => m.message),
    ];
    expect(everywhere.sort()).toEqual(problems.map((p) => p.message).sort());
  });

  it("knows which fields are drawn now", () => {
    const schema = { properties: { a: { type: "string" }, b: { type: "string", "x-when": { a: "yes" } } } };
    expect(drawnPointers(schema, { a: "no" })).toEqual(["/a"]);
    expect(drawnPointers(schema, { a: "yes" })).toEqual(["/a", "/b"]);
  });

  it("escapes keys in pointers", () => {
    expect(pointerTo("/a", "b/c~d")).toBe("/a/b~1c~0d");
  });
});

describe("what the form can tell by itself", () => {
  it.each<[string, Parameters<typeof checkValue>, string | null]>([
    ["an empty needed field", [{ type: "string" }, "", true], "This is needed."],
    ["an empty list", [{ type: "array" }, [], true], "This is needed."],
    ["an empty free field", [{ type: "string" }, "", false], null],
    ["text for a number", [{ type: "integer" }, "ten", false], "This must be a number."],
    ["a fraction for a whole number", [{ type: "integer" }, 1.5, false], "This must be a whole number."],
    ["a number below its limit", [{ type: "integer", minimum: 1 }, 0, false], "The least allowed is 1."],
    ["a number above its limit", [{ type: "number", maximum: 5 }, 6, false], "The most allowed is 5."],
    ["a text too long", [{ type: "string", maxLength: 2 }, "abc", false], "At most 2 characters fit."],
    ["a template, typed only at run time", [{ type: "integer" }, "{{ a }}", true], null],
    ["zero", [{ type: "integer", minimum: 0 }, 0, true], null],
  ])("%s", (_, args, message) => expect(checkValue(...args)?.message ?? null).toBe(message));
});
