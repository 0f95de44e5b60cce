import { describe, expect, it } from "vitest";
import type { StepTest } from "@/api";
import { KINDS, LEADS, LOOPING } from "@/document/testing/kinds";
import type { Problem, WorkflowDocument } from "@/document/types";
import { rehearse, type TestStep } from "./rehearsal";

const done = (output: unknown): StepTest => ({ status: "done", input: {}, output, duration_us: 1 });

/** Says what it was asked, and puts out the step's name with the trigger's e-mail. */
function tester() {
  const asked: string[] = [];
  const test: TestStep = async (step, _, context) => {
    asked.push(step);
    const { body } = (context.trigger ?? {}) as { body?: { email?: string } };
    return done({ from: step, email: body?.email, earlier: Object.keys(context.steps ?? {}) });
  };
  return { asked, test };
}

const ask = (
  document: WorkflowDocument,
  id: string,
  part: { path?: string[]; seen?: object; problems?: Problem[] } = {},
) => ({
  document,
  kinds: KINDS,
  path: part.path ?? [],
  id,
  seen: { ...part.seen },
  problems: part.problems ?? [],
});

describe("rehearsal", () => {
  it("works out the steps before, in order, from the trigger's sample", async () => {
    const { asked, test } = tester();
    const outputs = await rehearse(ask(LOOPING, "inner", { path: ["each"] }), new Map(), test);
    expect(asked).toEqual(["score", "route"]);
    expect(outputs.route).toMatchObject({ from: "route", earlier: ["score"] });
  });

  it("leaves alone what is pinned, seen, faulty, switched off, or would reach outside", async () => {
    const { asked, test } = tester();
    const document = { ...LEADS, samples: { score: { score: 1 } } };
    await rehearse(ask(document, "route"), new Map(), test);
    await rehearse(ask(LEADS, "route", { seen: { score: 1 } }), new Map(), test);
    const problem: Problem = { code: "X", severity: "error", step: "score", message: "", action: "" };
    await rehearse(ask(LEADS, "route", { problems: [problem] }), new Map(), test);
    const score = { ...LEADS.steps.score, disabled: true } as (typeof LEADS.steps)[string];
    await rehearse(ask({ ...LEADS, steps: { ...LEADS.steps, score } }, "route"), new Map(), test);
    expect(asked).toEqual([]);
  });

  it("asks again only for what changed", async () => {
    const { asked, test } = tester();
    const memory = new Map();
    await rehearse(ask(LEADS, "route"), memory, test);
    await rehearse(ask(LEADS, "wait"), memory, test);
    expect(asked).toEqual(["score"]);
    await rehearse(
      ask({ ...LEADS, samples: { hook: { body: { email: "b@example.com" } } } }, "wait"),
      memory,
      test,
    );
    expect(asked).toEqual(["score", "score"]);
  });

  it("knows nothing of a step whose test failed", async () => {
    const failing: TestStep = async () => ({ status: "failed", input: {}, duration_us: 1 });
    expect(await rehearse(ask(LEADS, "route"), new Map(), failing)).toEqual({});
  });
});
