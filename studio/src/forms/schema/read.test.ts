import { describe, expect, it } from "vitest";
import type { JsonSchema } from "@/document/types";
import { choicesOf, fieldsOf, initialObject, variantsOf, visibleFields, widgetOf, withoutNull } from "./read";

describe("widgetOf", () => {
  it.each<[string, JsonSchema]>([
    ["template", { type: "string", "x-ui": "template" }],
    ["condition", { "x-ui": "condition", anyOf: [{ type: "object" }] }],
    ["choice", { type: "string", enum: ["a", "b"] }],
    ["choice", { oneOf: [{ const: "a", description: "The first." }, { const: "b" }] }],
    ["switch", { type: "boolean" }],
    ["number", { type: "integer", minimum: 1 }],
    ["text", { type: "string" }],
    ["texts", { type: "array", items: { type: "string" } }],
    ["choices", { type: "array", items: { type: "string", enum: ["a"] } }],
    ["rows", { type: "array", items: { type: "object", properties: { a: { type: "string" } } } }],
    ["object", { type: "object", properties: { a: { type: "string" } } }],
    ["code_json", { type: "object" }],
    ["code_json", {}],
    ["text", { type: "string", "x-ui": "a hint of a newer server" }],
  ])("draws %s", (widget, schema) => expect(widgetOf(schema)).toBe(widget));

  it("tells tagged unions from choices", () => {
    const schema: JsonSchema = {
      oneOf: [
        { type: "object", properties: { type: { const: "none" } } },
        {
          type: "object",
          title: "Token",
          properties: { type: { const: "bearer" }, token: { type: "string" } },
        },
      ],
    };
    expect(widgetOf(schema)).toBe("variants");
    expect(variantsOf(schema).map(({ title, value }) => [title, value])).toEqual([
      ["None", "none"],
      ["Token", "bearer"],
    ]);
    expect(Object.keys(variantsOf(schema)[1]?.schema.properties ?? {})).toEqual(["token"]);
  });
});

describe("optional values", () => {
  it("are read as what they may hold", () => {
    expect(withoutNull({ type: ["string", "null"], title: "T" })).toEqual({ type: "string", title: "T" });
    expect(
      withoutNull({ anyOf: [{ type: "string", "x-ui": "pool" }, { type: "null" }], title: "Pool" }),
    ).toEqual({
      type: "string",
      "x-ui": "pool",
      title: "Pool",
    });
    expect(withoutNull({ type: ["string", "null"], enum: ["a", null] })).toEqual({
      type: "string",
      enum: ["a"],
    });
  });
});

describe("choicesOf", () => {
  it("takes labels from a list, a record, the title or the value", () => {
    const labels = (schema: JsonSchema) => choicesOf(schema).map((choice) => choice.label);
    expect(labels({ enum: ["a", "b"], "x-labels": ["First", "Second"] })).toEqual(["First", "Second"]);
    expect(labels({ enum: ["a", "b"], "x-labels": { a: "First" } })).toEqual(["First", "B"]);
    expect(labels({ oneOf: [{ const: "at_once", title: "At once" }, { const: "when_done" }] })).toEqual([
      "At once",
      "When done",
    ]);
  });

  it("keeps the type of numbers", () => {
    expect(choicesOf({ enum: [1, 2] }).map((choice) => choice.value)).toEqual([1, 2]);
  });
});

describe("fieldsOf", () => {
  const schema: JsonSchema = {
    type: "object",
    required: ["path", "reply"],
    properties: {
      path: { type: "string", title: "Path", description: "The last part\nof the address.\n\nMore." },
      reply: { type: "string", enum: ["a", "b"], default: "a" },
      secret: { type: "string", "x-ui": "secret", "x-when": { reply: "b" }, "x-advanced": true },
    },
  };

  it("reads titles, help and what is needed", () => {
    const [path, reply, secret] = fieldsOf(schema);
    expect(path).toMatchObject({
      title: "Path",
      description: "The last part of the address.",
      required: true,
    });
    // A field with a default is never empty, so nothing need be asked.
    expect(reply).toMatchObject({ title: "Reply", required: false });
    expect(secret).toMatchObject({ advanced: true, widget: "secret" });
  });

  it("shows a field only while its condition on a sibling holds, defaults included", () => {
    const names = (config: Record<string, unknown>) =>
      visibleFields(fieldsOf(schema), config).map((f) => f.name);
    expect(names({})).toEqual(["path", "reply"]);
    expect(names({ reply: "b" })).toEqual(["path", "reply", "secret"]);
  });

  it("starts a row with what is required or has a default", () => {
    expect(initialObject(schema)).toEqual({ path: "", reply: "a" });
  });
});

it("a required condition starts with a line to fill in, because an empty one always holds", () => {
  const schema: JsonSchema = {
    type: "object",
    required: ["found"],
    properties: { found: { "x-ui": "condition" } },
  };
  expect(initialObject(schema)).toEqual({ found: { all: [{ field: "", op: "equals", value: "" }] } });
});
