import { describe, expect, it } from "vitest";
import { amount, fieldOptions, monthOf, moved, newProvider, newWaterfall } from "./model";

describe("waterfalls", () => {
  it("moves providers within the list and not beyond it", () => {
    expect(moved(["a", "b", "c"], 2, -1)).toEqual(["a", "c", "b"]);
    expect(moved(["a", "b", "c"], 0, 1)).toEqual(["b", "a", "c"]);
    expect(moved(["a", "b"], 0, -1)).toEqual(["a", "b"]);
    expect(moved(["a", "b"], 1, 1)).toEqual(["a", "b"]);
  });

  it("gives every provider an id and a name of its own", () => {
    const first = newWaterfall().providers;
    const second = newProvider(first);
    const third = newProvider([second]);
    expect(new Set([first[0]?.id, second.id]).size).toBe(2);
    expect(third.id).not.toBe(second.id);
  });

  it("offers own fields that are in use beside the core fields", () => {
    const options = fieldOptions(["Tech stack", "industry", "Tech stack", ""]);
    expect(options.filter((option) => option.hint === "own field")).toEqual([
      { value: "Tech stack", label: "Tech stack", hint: "own field" },
    ]);
  });

  it("shows money with its cents and small prices in full", () => {
    expect(amount(1.5, "EUR")).toBe("1.50 EUR");
    expect(amount(0.0125, "USD")).toBe("0.0125 USD");
    expect(monthOf(undefined, "x")).toEqual({ calls: 0, hits: 0, money: 0 });
  });
});
