import { expect, it } from "vitest";
import * as says from "./sentences";

const name = () => "e-mail";

it("says what nothing set means", () => {
  expect(says.orderSentence({}, name)).toMatch(/side by side/);
  expect(says.mostSentence({})).toMatch(/^As many/);
  expect(says.debounceSentence({}, name)).toMatch(/at once/);
  expect(says.dedupeSentence({}, name)).toMatch(/runs twice/);
  expect(says.timeoutSentence({})).toMatch(/as long as it needs/);
  expect(says.historySentence({})).toBe(
    "Everything a run read, decided and wrote can be looked at for 30 days, then it is deleted.",
  );
});

it("says what is set with its numbers", () => {
  expect(says.orderSentence({ order_by: { key: "{{ trigger.body.email }}", space: "leads" } }, name)).toBe(
    "Runs about the same e-mail go one after the other, in the order of their events; runs about different ones go side by side. This holds across all workflows of the group “leads”.",
  );
  expect(says.mostSentence({ most_at_once: 1 })).toMatch(/^One run at a time/);
  expect(says.debounceSentence({ debounce: { key: "x", seconds: 90, keep: "first" } }, name)).toMatch(
    /quiet for 90 seconds, with the first of them/,
  );
  expect(says.dedupeSentence({ dedupe: { key: "x", hours: 48 } }, name)).toMatch(/within 2 days/);
  expect(says.timeoutSentence({ timeout_minutes: 90 })).toMatch(/after 90 minutes/);
});

it("asks for a key while there is none", () => {
  expect(says.orderSentence({ order_by: { key: " " } }, name)).toMatch(/^Choose what/);
  expect(says.dedupeSentence({ dedupe: { key: "", hours: 1 } }, name)).toMatch(/^Choose what/);
});

it("thinning after the end of keeping means nothing", () => {
  expect(says.historySentence({ keep_days: 10, thin_after_days: 10 })).not.toMatch(/in full/);
  expect(says.historySentence({ keep_days: 10, thin_after_days: 2 })).toMatch(
    /in full for 2 days.*After 10 days/,
  );
});
