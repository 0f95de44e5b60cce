import { describe, expect, it } from "vitest";
import { heirs, reassignOf, wordOf } from "./policy-model";

describe("who gets a breached lead", () => {
  it("reads back whatever was chosen", () => {
    for (const word of ["nobody", "next_in_pool", "same_team", "pool:AE: west", "team:Field"]) {
      expect(wordOf(reassignOf(word))).toBe(word);
    }
    expect(reassignOf("team:Field")).toEqual({ to: "team", name: "Field" });
  });

  it("offers every pool and every team once", () => {
    const owners = [{ work: { team: "Field" } }, { work: { team: "Field" } }, { work: { team: null } }, {}];
    expect(heirs([{ name: "AE" }], owners).map(({ value }) => value)).toEqual([
      "nobody",
      "next_in_pool",
      "pool:AE",
      "same_team",
      "team:Field",
    ]);
  });
});
