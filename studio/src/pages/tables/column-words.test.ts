import { describe, expect, it } from "vitest";
import { cellText, cellValue, pastedCells } from "./column-words";

describe("cells", () => {
  it("are shown as they are typed", () => {
    expect([null, undefined, true, false, 12.5, "x", { a: 1 }].map(cellText)).toEqual([
      "",
      "",
      "yes",
      "no",
      "12.5",
      "x",
      '{"a":1}',
    ]);
  });

  it("are emptied by nothing, and JSON is read where JSON stands", () => {
    expect(cellValue("text", "  ")).toBeNull();
    expect(cellValue("number", "12")).toBe("12");
    expect(cellValue("json", "[1]")).toEqual([1]);
    expect(cellValue("json", "no json")).toBe("no json");
  });

  it("come from spreadsheets by tabs and lines", () => {
    expect(pastedCells("a\tb\r\nc\t\r\n")).toEqual([
      ["a", "b"],
      ["c", ""],
    ]);
    expect(pastedCells("one")).toEqual([["one"]]);
  });
});
