import { describe, expect, it } from "vitest";
import { isWithin, SECTIONS } from "./sections";

describe("sections", () => {
  it("name each address once", () => {
    const all = Object.values(SECTIONS).flatMap((pages) => pages.map((page) => page.to as string));
    expect(new Set(all).size).toBe(all.length);
  });

  it("a page holds what is under it and nothing beside it", () => {
    expect(isWithin("/leads", "/leads")).toBe(true);
    expect(isWithin("/leads", "/leads/42")).toBe(true);
    expect(isWithin("/leads", "/leads-old")).toBe(false);
  });
});
