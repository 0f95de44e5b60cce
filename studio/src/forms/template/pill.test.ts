import { describe, expect, it } from "vitest";
import type { AvailableData } from "../data/available";
import { parseReference } from "./parse";
import { pillInWords, pillOf } from "./pill";

const available: AvailableData[] = [
  {
    path: ["trigger"],
    title: "Demo request form",
    category: "trigger",
    sample: { body: { email: "a@b.c" } },
  },
  { path: ["steps", "score"], title: "Score the lead", category: "lead", sample: { score: 85 } },
];

function pill(inner: string) {
  const reference = parseReference(inner);
  if (!reference) throw new Error(`not a reference: ${inner}`);
  return pillOf(reference, available);
}

describe("pillOf", () => {
  it("names a step's field", () => {
    expect(pillInWords(pill("steps.score.score"))).toBe("Score the lead · score");
    expect(pill("steps.score.score")).toMatchObject({ category: "lead", known: true });
  });

  it("leaves out the body of a trigger", () => {
    expect(pillInWords(pill("trigger.body.email"))).toBe("Demo request form · e-mail");
    expect(pillInWords(pill('trigger.body["First name"]'))).toBe("Demo request form · first name");
    expect(pillInWords(pill("trigger.received_at"))).toBe("Demo request form · received at");
  });

  it("names the whole output by its step", () => {
    expect(pillInWords(pill("steps.score"))).toBe("Score the lead");
  });

  it("reads indexes as positions", () => {
    expect(pillInWords(pill("steps.score.reasons[0].label"))).toBe("Score the lead · reasons · 1st · label");
  });

  it("tells filters in words", () => {
    expect(pillInWords(pill('steps.score.grade|lower|default("none")'))).toBe(
      "Score the lead · grade, lower case, if empty “none”",
    );
  });

  it("marks a step that is not there", () => {
    expect(pill("steps.gone.x")).toMatchObject({ known: false, source: "Unknown step “gone”" });
  });

  it("knows the roots that are always there", () => {
    expect(pillInWords(pill("item.email"))).toBe("Item · e-mail");
    expect(pill("run.id").known).toBe(true);
  });
});
