import { expect, test } from "vitest";
import { fieldText, nameOf, readOptions } from "./field-words";

test("labels become technical names", () => {
  expect(nameOf("Renewal date")).toBe("renewal_date");
  expect(nameOf(" Größe (m²) ")).toBe("gr_e_m");
});

test("choices are lines, and values read as people say them", () => {
  expect(readOptions("Gold\n\n Silver ")).toEqual(["Gold", "Silver"]);
  expect([true, ["a", "b"], 12.5, null].map(fieldText)).toEqual(["Yes", "a, b", "12.5", ""]);
});
