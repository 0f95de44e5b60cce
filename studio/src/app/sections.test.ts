import { describe, expect, it } from "vitest";
import { currentPage, isWithin, SECTIONS } from "./sections";

describe("sections", () => {
  it("name each address once", () => {
    const all = Object.values(SECTIONS).flatMap((pages) => pages.map((page) => page.to as string));
    expect(new Set(all).size).toBe(all.length);
  });

  it("light one tab alone", () => {
    expect(currentPage(SECTIONS.settings, "/settings")).toBe("/settings");
    expect(currentPage(SECTIONS.settings, "/settings/connections")).toBe("/settings/connections");
    expect(currentPage(SECTIONS.leads, "/leads/42")).toBe("/leads");
    expect(currentPage(SECTIONS.leads, "/pools")).toBeUndefined();
  });

  it("a page holds what is under it and nothing beside it", () => {
    expect(isWithin("/leads", "/leads")).toBe(true);
    expect(isWithin("/leads", "/leads/42")).toBe(true);
    expect(isWithin("/leads", "/leads-old")).toBe(false);
  });
});
