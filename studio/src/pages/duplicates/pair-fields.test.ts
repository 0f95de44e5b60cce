import { describe, expect, it } from "vitest";
import type { DuplicatePair, PairLead } from "@/api";
import { fieldsOf, percent, winnerOf } from "./pair-fields";

const lead = (id: string, more: Partial<PairLead>): PairLead => ({
  id,
  name: id,
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z",
  ...more,
});

const pair = {
  left: lead("a", { city: "Hull", email: "ada@example.com", stage: "Known", fields: { plan: "pro" } }),
  right: lead("b", { city: "London", phone: "+44 1", stage: "Known" }),
} as DuplicatePair;

describe("a pair as rows", () => {
  it("shows what differs first and leaves out what neither has", () => {
    const rows = fieldsOf(pair);
    expect(rows.map((row) => [row.name, row.is])).toEqual([
      ["email", "only_left"],
      ["phone", "only_right"],
      ["city", "different"],
      ["fields.plan", "only_left"],
      ["stage", "same"],
    ]);
  });

  it("keeps the only value there is, and else that of the lead that stays", () => {
    const [email, phone, city] = fieldsOf(pair);
    expect(email && winnerOf(email, pair, "b")).toBe("a");
    expect(phone && winnerOf(phone, pair, "a")).toBe("b");
    expect(city && winnerOf(city, pair, "b")).toBe("b");
  });

  it("is never quite certain", () => {
    expect(percent(0.9721)).toBe("97.2 %");
    expect(percent(0.99999)).toBe("99.9 %");
  });
});
