import { describe, expect, it } from "vitest";
import { dayOf, endOfDay } from "./ends";

describe("the end of a secret", () => {
  it("is the last second of the day that was entered, and comes back as that day", () => {
    const end = endOfDay("2027-03-01");
    expect(end).not.toBeNull();
    expect(new Date(end ?? "").getHours()).toBe(23);
    expect(dayOf(end)).toBe("2027-03-01");
  });

  it("is nothing when no day is entered", () => {
    expect(endOfDay("")).toBeNull();
    expect(endOfDay("soon")).toBeNull();
    expect(dayOf(null)).toBe("");
  });
});
