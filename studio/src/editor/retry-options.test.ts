import { expect, it } from "vitest";
import { planInWords, withKind } from "./retry-options";

it("says the waits, doubled and capped", () => {
  expect(planInWords({ times: 1, wait_seconds: 5 })).toMatch(/^Waits about 5 seconds, then gives up/);
  expect(planInWords({ times: 4, wait_seconds: 30, most_seconds: 60 })).toMatch(
    /^Waits about 30 seconds, 1 minute, 1 minute and 1 minute, then/,
  );
});

it("writes the kinds of failures down only when they differ from the usual", () => {
  const retry = { times: 2, wait_seconds: 5 };
  const more = withKind(retry, "auth", true);
  expect(more.kinds).toEqual(["rate_limited", "temporary", "timeout", "auth"]);
  expect(withKind(more, "auth", false)).toEqual(retry);
  expect(withKind({ ...retry, kinds: ["timeout"] }, "timeout", false).kinds).toEqual(["timeout"]);
});
