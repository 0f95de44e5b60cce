import { describe, expect, it } from "vitest";
import { splitCommas } from "../condition/comma-values";
import { freshCaseId } from "./cases";
import { cronParts, presetOf } from "./cron-presets";
import { unitOf } from "./duration";
import { nameFromLabel } from "./field-list";
import { pillForJson } from "./json-pill";
import { leadFieldsOf, pointAtLead } from "./lead-fields";
import { pairsOf } from "./pairs";
import { signed } from "./points";

describe("small words and numbers of widgets", () => {
  it("signs points with a real minus", () => {
    expect([25, -20, 0].map(signed)).toEqual(["+25", "−20", "0"]);
  });

  it("shows a duration in its largest whole unit", () => {
    expect([86_400, 7200, 90, 5400, 0].map(unitOf)).toEqual([86_400, 3600, 1, 60, 60]);
  });

  it("splits lists at commas outside of holes", () => {
    expect(splitCommas(' a, b ,, {{ x|default("1, 2") }}, c')).toEqual([
      "a",
      "b",
      '{{ x|default("1, 2") }}',
      "c",
    ]);
  });

  it("makes technical names from labels", () => {
    expect(["First name", "E-mail", "Größe (m²)", " "].map(nameFromLabel)).toEqual([
      "first_name",
      "email",
      "gro_e_m2",
      "",
    ]);
  });

  it("never gives a new branch the id of another", () => {
    expect(freshCaseId([{ id: "case_1" }, { id: "case_3" }])).toBe("case_4");
    expect(freshCaseId([{ id: "a" }])).toBe("case_2");
  });

  it("reads pairs from rows and from maps", () => {
    expect(pairsOf([{ name: "a", value: 1, note: "kept" }])).toEqual([
      { name: "a", value: 1, rest: { note: "kept" } },
    ]);
    expect(pairsOf({ a: 1 })).toEqual([{ name: "a", value: 1, rest: {} }]);
    expect(pairsOf(undefined)).toEqual([]);
  });

  it("fills a short cron pattern and knows presets by any spacing", () => {
    expect(cronParts("0  8")).toEqual(["0", "8", "*", "*", "*"]);
    expect(presetOf(" 0 8  * * 1-5 ")?.title).toBe("Every weekday at 08:00");
    expect(presetOf("1 2 3 4 5")).toBeUndefined();
  });
});

describe("pills in JSON", () => {
  const pill = '{{ trigger.body["First name"] }}';

  it("get quotes of their own outside of strings only", () => {
    expect(pillForJson('{"a": }', 6, pill)).toBe(JSON.stringify(pill));
    expect(pillForJson('{"a": "Hi "}', 10, pill)).toBe("{{ trigger.body['First name'] }}");
    expect(pillForJson('{"a\\"b": }', 9, "{{ x }}")).toBe('"{{ x }}"');
    expect(pillForJson("  ", 0, pill)).toBe(pill);
  });
});

describe("fields of the lead by name", () => {
  const lead = "{{ steps.find.lead }}";

  it("point at the lead for a trial, own fields below `fields`", () => {
    const condition = {
      all: [
        { field: "company_size", op: "at_least", value: 200 },
        {
          any: [
            { field: "seats", op: "is_not_empty" },
            { field: "{{ trigger.body.x }}", op: "is_empty" },
          ],
        },
      ],
    } as const;
    expect(pointAtLead(condition, lead)).toEqual({
      all: [
        { field: "{{ steps.find.lead.company_size }}", op: "at_least", value: 200 },
        {
          any: [
            { field: "{{ steps.find.lead.fields.seats }}", op: "is_not_empty" },
            { field: "{{ trigger.body.x }}", op: "is_empty" },
          ],
        },
      ],
    });
  });

  it("offer the workspace's own fields that the sample has", () => {
    const names = leadFieldsOf(lead, { steps: { find: { lead: { fields: { seats: 4 } } } } }).map(
      (f) => f.name,
    );
    expect(names).toContain("email");
    expect(names.at(-1)).toBe("seats");
  });
});
