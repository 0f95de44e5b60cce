import { describe, expect, it } from "vitest";
import { namesOfSteps } from "./available-data";
import { cronWords } from "./cron-words";
import { outPorts } from "./ports";
import { KINDS, LEADS } from "./testing/kinds";
import type { Step, StepKind } from "./types";
import { durationWords, portWords, summaryOfStep } from "./words";

const sources = { data: namesOfSteps(LEADS, KINDS) };
const summary = (step: Partial<Step>) => {
  const whole: Step = { kind: "wait", title: "", config: {}, ...step };
  return summaryOfStep(whole, KINDS[whole.kind], sources);
};
const words = (step: Step | undefined, port: string) => {
  if (!step) throw new Error("no such step");
  const kind = KINDS[step.kind];
  const found = outPorts(step, kind).find(({ id }) => id === port);
  return found && portWords(step, kind, found, sources);
};

describe("the second line of a card", () => {
  it("says durations and counts in words", () => {
    expect(summary({ config: { seconds: 7200 } })).toBe("for 2 hours");
    expect(summary({ kind: "set_fields", config: { fields: [1, 2, 3, 4, 5] } })).toBe("5 fields");
    expect(summary({ kind: "set_fields", config: { fields: [{}] } })).toBe("1 field");
  });

  it("says when nothing is set up, and never a technical kind", () => {
    expect(summary({ kind: "set_fields" })).toBe("Not set up yet");
    expect(summary({ kind: "score" })).toBe("Score");
    expect(summary({ kind: "gone_since" })).toBe("This kind of step is not installed");
  });

  it("says what counts for the present settings, and nothing of hidden fields", () => {
    const from = {
      "x-labels": { list: "A list", file: "An uploaded file" },
      enum: ["list", "file"],
      default: "list",
    };
    const kind: StepKind = {
      ...(KINDS.loop as StepKind),
      schema: { properties: { from, items: { title: "List", "x-when": { from: "list" } } } },
      summary_template: "each of {items}",
    };
    const line = (config: Step["config"]) =>
      summaryOfStep({ kind: "loop", title: "", config }, kind, sources);
    expect(line({ from: "list", items: "{{ trigger.body.rows }}" })).toMatch(/^each of/);
    expect(line({ items: "" })).toBe("Not set up yet");
    expect(line({ from: "file", items: "{{ trigger.body.rows }}" })).toBe("An uploaded file");
  });

  it("uses the condition where there is no template", () => {
    expect(summary(LEADS.steps.warm ?? {})).toBe("score is 70 or more");
  });

  it("says the names of things instead of their ids", () => {
    const id = "0199d0aa-0000-7000-8000-000000000001";
    const kind = {
      ...KINDS.wait,
      summary_template: "{pool} · {how}",
      schema: { properties: { pool: { "x-ui": "pool" }, how: {} } },
    } as (typeof KINDS)[string];
    const step: Step = { kind: "route", title: "", config: { pool: id, how: "weighted" } };
    expect(summaryOfStep(step, kind, { data: [], named: { pool: { [id]: "AE" } } })).toBe("“AE” · weighted");
    expect(summaryOfStep(step, kind, { data: [] })).toBe("weighted");
  });
});

describe("the words on an edge", () => {
  it("are the condition, when short", () => {
    expect(words(LEADS.steps.warm, "yes")).toBe("score is 70 or more");
    expect(words(LEADS.steps.warm, "no")).toBe("no");
    expect(words(LEADS.steps.score, "out")).toBe("");
  });

  it("are yes when the condition is long or unfinished", () => {
    const asking = (condition: unknown): Step => ({ kind: "if", title: "", config: { condition } });
    expect(words(asking({ field: "", op: "equals", value: "" }), "yes")).toBe("yes");
    const one = { field: "{{ steps.score.score }}", op: "at_least", value: 70 };
    expect(words(asking({ all: [one, one, one] }), "yes")).toBe("yes");
  });

  it("are the case's label, its condition, or the default's label", () => {
    const condition = { field: "{{ steps.score.score }}", op: "between", value: [40, 69] };
    const step: Step = {
      kind: "switch",
      title: "",
      config: {
        cases: [
          { id: "a", label: "Hot" },
          { id: "b", condition },
        ],
      },
    };
    expect([words(step, "a"), words(step, "b"), words(step, "default")]).toEqual([
      "Hot",
      "score is 40 to 69",
      "everyone else",
    ]);
  });

  it("name the way out of a failure", () => {
    expect(words({ kind: "score", title: "", config: {}, on_error: "branch" }, "error")).toBe(
      "when it fails",
    );
  });
});

it.each([
  ["0 8 * * 1-5", "every weekday at 08:00"],
  ["30 17 * * *", "every day at 17:30"],
  ["0 8 * * 1", "every Monday at 08:00"],
  ["*/15 * * * *", "every 15 minutes"],
  ["0 */6 * * *", "every 6 hours"],
  ["5 * * * *", "every hour at 05 past"],
  ["0 9 1 * *", "on day 1 of the month at 09:00"],
  ["0 8 * 1-3 1", "0 8 * 1-3 1"],
  ["0 8,12 * * *", "0 8,12 * * *"],
])("%s is %s", (cron, text) => expect(cronWords(cron)).toBe(text));

it.each([
  [1, "1 second"],
  [90, "90 seconds"],
  [3600, "1 hour"],
  [172_800, "2 days"],
  [0, "0 seconds"],
])("%d s is %s", (seconds, text) => expect(durationWords(seconds)).toBe(text));
