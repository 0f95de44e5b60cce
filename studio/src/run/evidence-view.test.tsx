import { render, screen, within } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import type { RunView, StepView } from "@/api";
import type { StepKind } from "@/document/types";
import { EvidenceView } from "./evidence-view";
import { WrittenTable } from "./written-table";

function view(step: string, rest: Partial<StepView> = {}): StepView {
  return { step, frame: "", status: "done", order: 0, attempts: 1, ...rest };
}

const run = {
  trigger_step: "form",
  steps: [
    view("form", { output: { body: { country: "Germany" } } }),
    view("score", { output: { score: 85 } }),
  ],
} as unknown as RunView;

const available = [
  { path: ["steps", "score"], title: "Score the lead", category: "lead" as const, sample: undefined },
];

function show(step: StepView, config: Record<string, unknown> = {}, schema = {}) {
  const kind = { schema: { properties: schema } } as unknown as StepKind;
  render(
    <EvidenceView
      run={run}
      view={step}
      step={{ kind: "x", title: "X", config }}
      kind={kind}
      available={available}
    />,
  );
}

describe("evidence", () => {
  it("lists the people considered and says who was chosen", () => {
    show(
      view("route", {
        output: {
          owner: { name: "Ana Moreau" },
          candidates: [
            { name: "Ben Okafor", weight: 1, assigned: 3, outcome: "not active" },
            { name: "Ana Moreau", weight: 2, assigned: 4, outcome: "chosen" },
          ],
        },
      }),
    );
    const [first, second] = within(screen.getByRole("region", { name: "Candidates" })).getAllByRole(
      "listitem",
    );
    expect(first).toHaveTextContent("Ana Moreau");
    expect(first).toHaveTextContent("chosen");
    expect(second).toHaveTextContent("not active");
  });

  it("adds up the points and says when a limit cut them", () => {
    show(
      view("score", {
        output: {
          score: 100,
          reasons: [
            { label: "Large company", points: 80 },
            { label: "Private address", points: -10 },
            { label: "Visited", points: 50 },
          ],
        },
      }),
    );
    const table = within(screen.getByRole("region", { name: "Points" }));
    expect(table.getByRole("row", { name: "Private address −10" })).toBeInTheDocument();
    expect(
      table.getByRole("row", { name: "Score, from +120 kept within its limits 100" }),
    ).toBeInTheDocument();
  });

  it("sets what a condition asked beside what it met", () => {
    show(
      view("hot", { port: "yes", output: { result: true } }),
      {
        condition: {
          all: [
            { field: "{{ steps.score.score }}", op: "at_least", value: 70 },
            { any: [{ field: "{{ trigger.body.country }}", op: "equals", value: "Germany" }] },
            { field: "{{ steps.score.score|number }}", op: "less_than", value: 90 },
          ],
        },
      },
      { condition: { "x-ui": "condition" } },
    );
    const rows = within(screen.getByRole("region", { name: "What was compared" }))
      .getAllByRole("row")
      .slice(1);
    expect(rows.map((row) => row.textContent)).toEqual([
      "Scoreis at least 7085",
      "Countryis GermanyGermany",
      // A changed value is not recorded; the studio does not work it out by itself.
      expect.stringContaining("see input"),
    ]);
  });

  it("shows nothing for a step without evidence", () => {
    show(view("wait", { output: { waited_until: "2026-03-07T09:00:00Z" } }));
    expect(screen.queryByRole("region")).toBeNull();
  });

  it("sets old and new values side by side", () => {
    render(
      <WrittenTable
        written={[
          { label: "Owner", old: null, new: "Ana Moreau" },
          { label: "Lists", old: [], new: ["Nurture", "Demo"] },
        ]}
      />,
    );
    expect(screen.getByRole("row", { name: "Owner — Ana Moreau" })).toBeInTheDocument();
    expect(screen.getByRole("row", { name: "Lists — Nurture, Demo" })).toBeInTheDocument();
  });
});
