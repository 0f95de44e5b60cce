import { describe, expect, it } from "vitest";
import { activitiesFor, readCriteria, trimmed, withActivity, writeCriteria } from "./criteria";

describe("criteria", () => {
  it("read back as they were written", () => {
    const document = {
      all: [
        { field: "company_size", op: "at_least", value: 200 },
        { any: [{ did: "touched", named: "Visited pricing", within_days: 14 }, { did_not: "listed" }] },
      ],
    };
    expect(writeCriteria(readCriteria(document))).toEqual(document);
  });

  it("make an empty group of what is none", () => {
    expect(writeCriteria(readCriteria(undefined))).toEqual({ all: [] });
    expect(writeCriteria(readCriteria("x"))).toEqual({ all: [] });
  });

  it("keep the other settings when the activity is denied", () => {
    const test = withActivity({ did: "listed", within_days: 14 }, "touched", true);
    expect(test).toEqual({ did_not: "touched", within_days: 14 });
    expect(trimmed({ did: "touched", named: "" })).toEqual({ did: "touched" });
  });

  it("do not let a score ask for itself", () => {
    expect(activitiesFor("score").map(({ value }) => value)).not.toContain("scored");
    expect(activitiesFor("any").map(({ value }) => value)).toContain("stage_changed");
  });
});
