import { describe, expect, it } from "vitest";
import type { RunView, StepView } from "@/api";
import { roundInWords } from "@/document/body-words";
import type { StepKinds } from "@/document/types";
import { candidatesOf, metOf } from "./evidence";
import { parentOf } from "./frame-bar";
import { countOfRounds, isOutermost, levelsOf, pathOfFrame, roundsOf, singleSteps } from "./frames";
import { outcomeInWords, startedInWords, tookInWords, untilInWords, wakeOf } from "./run-words";
import { barsOf, ticksOf } from "./timeline-bars";
import { readPlace, writePlace } from "./use-run-place";
import { answerOf, questionOf, resultInShort } from "./why";

function view(step: string, rest: Partial<StepView> = {}): StepView {
  return { step, frame: "", status: "done", order: 0, attempts: 1, ...rest };
}

const kinds = {
  if: {
    kind: "if",
    title: "If",
    category: "logic",
    schema: { properties: { condition: { "x-ui": "condition" } } },
    ports: {
      rule: "fixed",
      ports: [
        { id: "yes", label: "yes" },
        { id: "no", label: "no" },
      ],
    },
  },
} as unknown as StepKinds;

const hot = {
  kind: "if",
  title: "Hot?",
  config: { condition: { all: [{ field: "{{ steps.score.score }}", op: "at_least", value: 70 }] } },
};

function runOf(steps: StepView[]): RunView {
  return {
    id: "r",
    workflow_id: "w",
    workflow_name: "W",
    version: 1,
    draft: false,
    status: "completed",
    subject: "Ada",
    lead_id: null,
    trigger_kind: "webhook",
    started_at: "2026-11-23T09:00:00.000Z",
    finished_at: null,
    duration_ms: null,
    trigger_step: "form",
    document: {
      format: 1,
      name: "W",
      steps: {
        hot,
        route: { kind: "route_lead", title: "Route", config: {} },
        nurture: { kind: "add_to_list", title: "Nurture", config: {} },
        mail: { kind: "x", title: "Mail", config: {} },
      },
      edges: [
        { from: "hot", port: "yes", to: "route" },
        { from: "hot", port: "no", to: "nurture" },
        { from: "nurture", to: "mail" },
      ],
    },
    steps,
    edges: [],
  };
}

describe("why", () => {
  const run = runOf([
    view("hot", { port: "yes", output: { result: true }, why: "score is at least 70 (it was 85)" }),
    view("score", { output: { score: 85, reasons: [] } }),
    view("route", { output: { owner: { name: "Ana Moreau" } } }),
    view("nurture", { status: "skipped" }),
    view("mail", { status: "skipped" }),
  ]);
  const at = (id: string) => run.steps.find((step) => step.step === id) as StepView;

  it("asks the question of the decision", () => {
    expect(questionOf(run, at("route"), kinds)).toBe("Why Ana Moreau?");
    expect(questionOf(run, at("score"), kinds)).toBe("Why 85 points?");
    expect(questionOf(run, at("hot"), kinds)).toBe("Why “yes”?");
    expect(questionOf(run, view("route", { status: "failed" }), kinds)).toBe("What went wrong?");
    expect(questionOf(run, view("mail"), kinds)).toBe("Mail");
  });

  it("answers with the recorded sentence, or with the fork that led elsewhere", () => {
    expect(answerOf(run, at("hot"), kinds)).toBe("score is at least 70 (it was 85)");
    expect(answerOf(run, at("nurture"), kinds)).toBe("The run did not come this way: “Hot?” went by “yes”.");
    expect(answerOf(run, at("mail"), kinds)).toBe(
      "The run did not come this way: “Nurture” before it was skipped as well.",
    );
  });

  it("shows the values a condition met", () => {
    expect(metOf(run, at("hot"), hot, kinds.if)).toMatchObject([{ actual: 85, known: true }]);
  });

  it("puts the result on the card", () => {
    expect(resultInShort(at("route"))).toBe("Ana Moreau");
    expect(resultInShort(at("score"))).toBe("85 points");
    expect(resultInShort(view("s", { written: [{ label: "Stage", old: "Lead", new: "SQL" }] }))).toBe(
      "Stage: SQL",
    );
    expect(resultInShort(at("nurture"))).toBeNull();
  });

  it("lists candidates with the chosen one first", () => {
    const routed = view("route", {
      output: {
        owner: { name: "Ben" },
        candidates: [
          { name: "Ana", weight: 2, assigned: 4, outcome: "not their turn" },
          { name: "Ben", weight: 1, assigned: 1, outcome: "chosen" },
        ],
      },
    });
    expect(candidatesOf(routed)).toEqual([
      { name: "Ben", detail: "weight 1 · 1 so far", chosen: true, verdict: "chosen" },
      { name: "Ana", detail: "weight 2 · 4 so far", chosen: false, verdict: "not their turn" },
    ]);
  });
});

describe("rounds of loops", () => {
  it("reads nested frames", () => {
    expect(levelsOf("")).toEqual([]);
    expect(pathOfFrame("each_row[3]/each_line[0]")).toEqual(["each_row", "each_line"]);
    expect(parentOf("each_row[3]/each_line[0]")).toBe("each_row[3]");
    expect(parentOf("each_row[3]")).toBe("");
    expect(roundInWords(2, "per_item")).toBe("3rd item");
    expect(roundInWords(1, "per_round")).toBe("2nd round");
    expect(roundInWords(0, "once")).toBe("");
  });

  it("puts failed rounds first and keeps the rest in order", () => {
    const steps = [
      view("a", { frame: "each[0]" }),
      view("a", { frame: "each[1]" }),
      view("a", {
        frame: "each[2]",
        status: "failed",
        error: { code: "X", kind: "fatal", message: "no", action: "" },
      }),
      view("b", { frame: "each[2]/in[0]" }),
      view("c", { frame: "other[0]" }),
    ];
    expect(roundsOf({ steps }, "each", "").map((round) => [round.item, round.status])).toEqual([
      [2, "failed"],
      [0, "done"],
      [1, "done"],
    ]);
    expect(roundsOf({ steps }, "in", "each[2]").map((round) => round.frame)).toEqual(["each[2]/in[0]"]);
  });
});

describe("steps of long loops", () => {
  const run = runOf([
    view("hot"),
    view("in_body", { count: 120, order: 1 }),
    view("in_body", { frame: "each[0]", order: 1 }),
    view("in_body", { frame: "each[1]", order: 2 }),
  ]);

  it("are told apart from the record that sums them up", () => {
    expect(run.steps.filter((step) => isOutermost(run, step)).map((step) => step.step)).toEqual(["hot"]);
    expect(singleSteps(run).map((step) => step.frame)).toEqual(["", "each[0]", "each[1]"]);
  });

  it("count all their rounds, also those that are not kept", () => {
    expect(countOfRounds(run, roundsOf(run, "each", ""))).toBe(120);
  });
});

describe("times in words", () => {
  const now = new Date(2026, 10, 23, 12, 0, 0);
  const local = (...parts: [number, number, number, number, number, number]) =>
    new Date(...parts).toISOString();

  it("says when a run started", () => {
    expect(startedInWords(local(2026, 10, 23, 9, 41, 7), now)).toBe("today 09:41:07");
    expect(startedInWords(local(2026, 10, 22, 23, 59, 0), now)).toBe("yesterday 23:59");
    expect(startedInWords(local(2026, 10, 3, 9, 0, 0), now)).toBe("3 Nov 09:00");
    expect(startedInWords("never", now)).toBe("");
  });

  it("says until when a step waits", () => {
    expect(untilInWords(local(2026, 10, 23, 14, 5, 0), now)).toBe("14:05");
    expect(untilInWords(local(2026, 10, 24, 14, 5, 0), now)).toBe("tomorrow 14:05");
    const waiting = view("wait", { status: "waiting", input: { until: local(2026, 10, 23, 14, 5, 0) } });
    expect(outcomeInWords(waiting, now)).toBe("Waiting until 14:05");
    expect(wakeOf(view("wait", { output: { until: "soon" } }))).toBeNull();
  });

  it("keeps the fraction of a millisecond", () => {
    const quick = {
      started_at: "2026-11-23T17:40:43.733815141Z",
      finished_at: "2026-11-23T17:40:43.734284839Z",
      duration_ms: 0,
    };
    expect(tookInWords(quick)).toBe("0.5 ms");
    expect(tookInWords({ ...quick, finished_at: quick.started_at })).toBe("< 0.1 ms");
    // Moments and duration that do not fit each other: the measured duration holds.
    expect(tookInWords({ ...quick, duration_ms: 40 })).toBe("40 ms");
    expect(tookInWords({ started_at: quick.started_at })).toBe("");
  });

  it("counts retries", () => {
    expect(outcomeInWords(view("a", { attempts: 2 }), now)).toBe("Done, 1 retry");
    expect(outcomeInWords(view("a", { attempts: 4, status: "failed" }), now)).toBe("Failed, 3 retries");
  });
});

describe("the timeline", () => {
  it("puts bars at their moments, side by side when they ran in parallel", () => {
    const { bars, span, timed } = barsOf(
      runOf([
        view("b", { order: 1, started_at: "2026-11-23T09:00:00.010Z", duration_ms: 30 }),
        view("a", { order: 0, started_at: "2026-11-23T09:00:00.010Z", duration_ms: 20 }),
        view("skipped", { order: 2, status: "skipped" }),
      ]),
      0,
    );
    expect(bars.map((bar) => [bar.view.step, bar.from, bar.length])).toEqual([
      ["a", 10, 20],
      ["b", 10, 30],
    ]);
    expect({ span, timed }).toEqual({ span: 40, timed: true });
  });

  it("shows bare order when everything was too quick to be timed", () => {
    const { bars, timed } = barsOf(
      runOf([view("b", { order: 1, duration_ms: 0 }), view("a", { duration_ms: 0 })]),
      0,
    );
    expect(timed).toBe(false);
    expect(bars.map((bar) => [bar.view.step, bar.from, bar.length])).toEqual([
      ["a", 0, 1],
      ["b", 1, 1],
    ]);
  });

  it("lets what still goes on reach to now", () => {
    const started = "2026-11-23T09:00:01.000Z";
    const { bars } = barsOf(
      runOf([view("w", { status: "waiting", started_at: started })]),
      Date.parse(started) + 4_000,
    );
    expect(bars[0]).toMatchObject({ from: 1_000, length: 4_000 });
  });

  it("has a handful of round ticks", () => {
    for (const span of [0.4, 7, 362, 61_000, 3_600_000, 90_000_000]) {
      const ticks = ticksOf(span);
      expect(ticks[0]).toBe(0);
      expect(ticks.length).toBeGreaterThan(2);
      expect(ticks.length).toBeLessThanOrEqual(7);
    }
  });
});

describe("the place in the address", () => {
  it("round-trips, and says nothing for the plain view", () => {
    const place = { view: "table" as const, step: "score", frame: "each[1]" };
    expect(readPlace(`#${writePlace(place)}`)).toEqual(place);
    expect(writePlace({ view: "canvas", step: "", frame: "" })).toBe("");
    expect(readPlace("view=nonsense")).toEqual({ view: "canvas", step: "", frame: "" });
  });
});
