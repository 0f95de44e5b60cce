import { describe, expect, it } from "vitest";
import {
  parseFirstFilled,
  parseReference,
  parseTemplate,
  pathToHole,
  serialiseReference,
  soleReference,
  toHole,
} from "./parse";

describe("parseTemplate", () => {
  it.each([
    "",
    "plain",
    "Hi {{ trigger.body.name }}!",
    "{{a}}{{ b }}",
    "open {{ never closed",
    "a }} b {{ c }} d {",
    '{{ x|default("}}") }} tail',
    "{{ {{ nested }} }}",
    "line one\nline {{ two }}",
    "{{- trimmed -}}",
    "émoji 😀 {{ steps.a.b }} 😀",
  ])("gives back %j unchanged", (text) => {
    expect(
      parseTemplate(text)
        .map((segment) => segment.text)
        .join(""),
    ).toBe(text);
  });

  it("does not close a hole on braces inside a quoted string", () => {
    const [hole] = parseTemplate('{{ x|default("}}") }}');
    expect(hole).toMatchObject({ type: "hole", inner: 'x|default("}}")' });
  });

  it("covers the text with adjoining segments", () => {
    const text = "a {{ b }} c {{ d }}";
    const segments = parseTemplate(text);
    expect(segments.map((s) => s.type)).toEqual(["text", "hole", "text", "hole"]);
    let at = 0;
    for (const segment of segments) {
      expect(segment.from).toBe(at);
      at = segment.to;
    }
    expect(at).toBe(text.length);
  });
});

describe("parseReference", () => {
  it("reads a path", () => {
    expect(parseReference("steps.score.score")).toEqual({ path: ["steps", "score", "score"], filters: [] });
  });

  it("reads bracket keys and indexes", () => {
    expect(parseReference('trigger.body["First name"][0]')?.path).toEqual([
      "trigger",
      "body",
      "First name",
      0,
    ]);
  });

  it("reads filters with arguments of every kind", () => {
    expect(parseReference('x | lower|default("a\\"b", 2, true, none)')).toEqual({
      path: ["x"],
      filters: [
        { name: "lower", args: [] },
        { name: "default", args: ['a"b', 2, true, null] },
      ],
    });
  });

  it.each(["a + b", "a if b else c", "f(x)", "a.", "a[", "a|", "'text'", "a|f(b)", ""])(
    "leaves %j raw",
    (inner) => {
      expect(parseReference(inner)).toBeNull();
    },
  );

  it.each([
    "steps.score.score",
    'trigger.body["First name"]',
    "item.rows[3].name",
    'x|default("a\\nb")|lower',
    "x|default(0)|date",
  ])("round-trips %s", (inner) => {
    const reference = parseReference(inner);
    expect(reference).not.toBeNull();
    if (reference) expect(serialiseReference(reference)).toBe(inner);
  });
});

describe("holes", () => {
  it("writes a path that can be read back", () => {
    const path = ["trigger", "body", 'odd "key"', 2, "x-y"];
    const hole = pathToHole(path);
    expect(soleReference(hole)?.path).toEqual(path);
  });

  it("knows a text that is exactly one hole", () => {
    expect(soleReference("  {{ a.b|lower }} ")).toEqual({
      path: ["a", "b"],
      filters: [{ name: "lower", args: [] }],
    });
    expect(soleReference("x {{ a }}")).toBeNull();
    expect(soleReference("{{ a }}{{ b }}")).toBeNull();
    expect(toHole({ path: ["a"], filters: [{ name: "title", args: [] }] })).toBe("{{ a|title }}");
  });
});

describe("parseFirstFilled", () => {
  it("reads the first filled of several paths with filters behind the brackets", () => {
    expect(parseFirstFilled("(trigger.body.city or trigger.body['City'])|blank")).toEqual({
      paths: [
        ["trigger", "body", "city"],
        ["trigger", "body", "City"],
      ],
      filters: [{ name: "blank", args: [] }],
    });
    expect(parseFirstFilled("a or b.c or d")?.paths).toHaveLength(3);
  });

  it.each(["a or b|lower", "a", "(a)", "a or 1", "a or b + c", "not a or b", "(a or b"])(
    "leaves %j raw",
    (inner) => {
      expect(parseFirstFilled(inner)).toBeNull();
    },
  );
});
