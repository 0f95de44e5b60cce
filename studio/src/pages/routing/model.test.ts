import { describe, expect, it } from "vitest";
import { addColumn, addRow, moveColumn, moveRow, newTable, removeColumn, removeRow, setCell } from "./model";

describe("a routing table", () => {
  it("gets rows before the place asked for, and moves them", () => {
    const two = addRow(newTable(), 0);
    expect(two.rows.map((row) => row.id)).toEqual(["r2", "r1"]);
    expect(moveRow(two, 0, 1).rows.map((row) => row.id)).toEqual(["r1", "r2"]);
    expect(moveRow(two, 0, -1)).toBe(two);
    expect(removeRow(two, "r1").rows.map((row) => row.id)).toEqual(["r2"]);
  });

  it("keeps no empty cells, and none of a column that is gone", () => {
    const filled = setCell(newTable(), "r1", "c1", "DE, AT");
    expect(filled.rows[0]?.cells).toEqual({ c1: "DE, AT" });
    expect(setCell(filled, "r1", "c1", " ").rows[0]?.cells).toEqual({});
    expect(removeColumn(filled, "c1").rows[0]?.cells).toEqual({});
  });

  it("moves columns without touching cells", () => {
    const three = addColumn(setCell(newTable(), "r1", "c1", "DE"), "score", "Score", "number");
    expect(three.columns.map((column) => column.id)).toEqual(["c1", "c2", "c3"]);
    const moved = moveColumn(three, 0, 1);
    expect(moved.columns.map((column) => column.id)).toEqual(["c2", "c1", "c3"]);
    expect(moved.rows[0]?.cells).toEqual({ c1: "DE" });
  });
});
