import { expect, it } from "vitest";
import { ALWAYS, daysInWords, daysToCome, hoursInWords, OFFICE, spanProblem } from "./hours-words";

const work = { zone: "Europe/Berlin", week: OFFICE, days_off: [] };

it("days with the same hours read as one", () => {
  expect(hoursInWords(undefined)).toBe("Always");
  expect(hoursInWords({ ...work, week: ALWAYS })).toBe("Always");
  expect(hoursInWords(work)).toBe("Mon to Fri 09:00–17:00");
  const week = { ...OFFICE, wed: [], sat: [{ opens: "10:00", closes: "12:00" }] };
  expect(hoursInWords({ ...work, week })).toBe(
    "Mon to Tue 09:00–17:00; Thu to Fri 09:00–17:00; Sat 10:00–12:00",
  );
});

it("a span that never opens is a problem", () => {
  expect(spanProblem({ opens: "09:00", closes: "24:00" })).toBeNull();
  expect(spanProblem({ opens: "17:00", closes: "09:00" })).toMatch(/after/);
  expect(spanProblem({ opens: "9", closes: "17:00" })).toMatch(/09:00/);
});

it("days off that are over are left out", () => {
  const past = { from: "2026-01-01", to: "2026-01-01", why: "" };
  const next = { from: "2026-12-24", to: "2027-01-01", why: "Christmas" };
  expect(daysToCome([next, past], "2026-11-29")).toEqual([next]);
  expect(daysInWords(next)).toBe("24 Dec to 1 Jan");
  expect(daysInWords(past)).toBe("1 Jan");
});
