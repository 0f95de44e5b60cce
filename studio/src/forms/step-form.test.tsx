import { fireEvent, screen, within } from "@testing-library/react";
import { useState } from "react";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { JsonSchema, Problem, StepKind } from "@/document/types";
import { renderWithStudio } from "@/test-render";
import type { AvailableData } from "./data/available";
import { StepForm } from "./step-form";

vi.mock("@/api", async (original) => {
  const actual = await original<typeof import("@/api")>();
  const reading = (items: unknown[]) => () => ({ data: { items }, isError: false });
  return {
    ...actual,
    api: {
      previewExpression: vi.fn(async () => ({ ok: true, value: 85, type: "number", missing: [] })),
      previewSchedule: vi.fn(async () => ({
        ok: true,
        words: "At 08:00, Monday to Friday",
        next: ["2026-11-24T08:00:00Z"],
        next_words: ["Tue 24 Nov at 08:00"],
      })),
      testStep: vi.fn(async (_workflow: string, step: string) =>
        step === "probe"
          ? { status: "done", port: "yes", duration_us: 1 }
          : {
              status: "done",
              output: { score: 85, reasons: [{ label: "Large", points: 25 }] },
              duration_us: 1,
            },
      ),
    },
    usePools: reading([{ id: "p1", name: "Account executives", members: [] }]),
    useStages: reading([{ id: "s1", name: "SQL", rank: 1 }]),
    useLists: reading([{ id: "l1", name: "Nurture", count: 4 }]),
    useFiles: reading([
      {
        id: "f1",
        name: "leads.csv",
        bytes: 48_200_000,
        kind: "text/csv",
        created_at: "2026-11-23T09:00:00Z",
      },
    ]),
    useWorkflows: reading([{ id: "w2", name: "Other", published_version: 1 }]),
  };
});

const available: AvailableData[] = [
  {
    path: ["steps", "score"],
    title: "Score the lead",
    category: "lead",
    icon: "gauge",
    sample: { score: 85 },
  },
];

function kindOf(properties: Record<string, JsonSchema>, required: string[] = []): StepKind {
  return {
    kind: "test",
    title: "Test",
    summary: "Does a test.",
    help: "",
    icon: "dot",
    category: "data",
    keywords: [],
    schema: { type: "object", properties, required },
    default_config: {},
    ports: { rule: "fixed", ports: [] },
    promise: "none",
    promise_text: "",
    has_error_port: false,
    example: { config: {} },
    output_sample: null,
    summary_template: "",
  };
}

let config: Record<string, unknown>;

function Harness({
  kind,
  start,
  problems,
}: {
  kind: StepKind;
  start: Record<string, unknown>;
  problems: Problem[];
}) {
  const [value, setValue] = useState(start);
  config = value;
  return (
    <StepForm
      workflowId="w1"
      stepId="step"
      document={{
        format: 1,
        name: "W",
        steps: { step: { kind: "test", title: "T", config: value } },
        edges: [],
      }}
      kind={kind}
      config={value}
      onChange={setValue}
      problems={problems}
      available={available}
    />
  );
}

function show(
  properties: Record<string, JsonSchema>,
  start: Record<string, unknown> = {},
  options: { required?: string[]; problems?: Problem[]; kind?: Partial<StepKind> } = {},
) {
  const kind = { ...kindOf(properties, options.required), ...options.kind };
  return renderWithStudio(<Harness kind={kind} start={start} problems={options.problems ?? []} />);
}

beforeEach(() => {
  config = {};
});

describe("a step's form", () => {
  it("writes plain text, numbers and switches into the config", () => {
    show({
      path: { type: "string", title: "Path" },
      status: { type: "integer", title: "Status" },
      wait: { type: "boolean", title: "Wait for its end", default: true },
    });
    fireEvent.change(screen.getByLabelText("Path"), { target: { value: "new-leads" } });
    fireEvent.change(screen.getByLabelText("Status"), { target: { value: "200" } });
    fireEvent.click(screen.getByRole("switch", { name: "Wait for its end" }));
    expect(config).toEqual({ path: "new-leads", status: 200, wait: false });
  });

  it("takes an emptied number out, so that its default holds", () => {
    show({ status: { type: "integer", title: "Status" } }, { status: 200 });
    fireEvent.change(screen.getByLabelText("Status"), { target: { value: "" } });
    expect(config).toEqual({});
  });

  it("shows pills by the names of step and field", async () => {
    show(
      { lead: { type: "string", title: "Value", "x-ui": "template" } },
      { lead: "{{ steps.score.score }}" },
    );
    expect(await screen.findByRole("img", { name: "Field: Score the lead · score" })).toBeInTheDocument();
    expect(await screen.findByText("85")).toBeInTheDocument();
  });

  it("hides fields whose condition does not hold and folds advanced ones", () => {
    show({
      mode: { type: "string", title: "Mode", enum: ["a", "b"], default: "a" },
      only_b: { type: "string", title: "Only for b", "x-when": { mode: "b" } },
      rare: { type: "string", title: "Rare", "x-advanced": true },
    });
    expect(screen.queryByLabelText("Only for b")).toBeNull();
    expect(screen.queryByLabelText("Rare")).toBeNull();
    fireEvent.click(screen.getByRole("button", { name: /More settings/ }));
    expect(screen.getByLabelText("Rare")).toBeInTheDocument();
  });

  it("shows a problem at its field, opens the fold for it, and the rest on top", () => {
    const at = (field: string | undefined, message: string): Problem => ({
      code: "X",
      severity: "error",
      message,
      action: "mend it",
      ...(field ? { field } : {}),
    });
    show(
      {
        path: { type: "string", title: "Path" },
        rare: { type: "string", title: "Rare", "x-advanced": true },
      },
      { path: "x y" },
      { problems: [at("/path", "no spaces"), at("/rare", "too rare"), at(undefined, "nothing leads here")] },
    );
    expect(screen.getByLabelText("Path")).toHaveAccessibleDescription(
      expect.stringContaining("No spaces. Mend it."),
    );
    expect(screen.getByLabelText("Rare")).toHaveAccessibleDescription(expect.stringContaining("Too rare."));
    expect(screen.getByText(/Nothing leads here/)).toBeInTheDocument();
  });

  it("says what is needed without asking the server", () => {
    show({ path: { type: "string", title: "Path" } }, {}, { required: ["path"] });
    expect(screen.getByText(/This is needed/)).toBeInTheDocument();
  });

  it("builds conditions in words and says whether the sample fits", async () => {
    show(
      { condition: { "x-ui": "condition", title: "Condition" } },
      { condition: { all: [{ field: "{{ steps.score.score }}", op: "at_least", value: 70 }] } },
    );
    expect(screen.getByText("Score is at least 70")).toBeInTheDocument();
    expect(await screen.findByText(/true for the sample/)).toBeInTheDocument();
    fireEvent.click(screen.getByRole("button", { name: "Add a condition" }));
    expect(config.condition).toEqual({
      all: [
        { field: "{{ steps.score.score }}", op: "at_least", value: 70 },
        { field: "", op: "equals", value: "" },
      ],
    });
    fireEvent.click(screen.getByRole("radio", { name: "Any of these" }));
    expect(Object.keys(config.condition as object)).toEqual(["any"]);
    fireEvent.click(screen.getByRole("button", { name: "Remove condition 2" }));
    expect((config.condition as { any: unknown[] }).any).toHaveLength(1);
  });

  it("adds, moves and scores rules by group, and keeps what it does not show", async () => {
    const rule = { field: "company_size", op: "at_least", value: 200, points: 25, group: "Who they are" };
    const combined = {
      when: { any: [{ field: "job_title", op: "contains", value: "VP" }] },
      points: 20,
      label: "Boss",
    };
    show(
      { lead: { "x-ui": "lead", title: "Lead" }, rules: { type: "array", title: "Rules", "x-ui": "rules" } },
      { lead: "{{ steps.find.lead }}", rules: [rule, combined] },
    );
    expect(screen.getByRole("heading", { name: "Who they are" })).toBeInTheDocument();
    expect(screen.getByRole("heading", { name: "Other rules" })).toBeInTheDocument();
    expect(screen.getByText("Job title contains VP")).toBeInTheDocument();
    expect(await screen.findByText("Large +25")).toBeInTheDocument();
    const points = screen.getByLabelText("Points of rule 1");
    expect(points).toHaveValue("+25");
    fireEvent.change(points, { target: { value: "-5" } });
    expect(config.rules).toEqual([{ ...rule, points: -5 }, combined]);
    fireEvent.click(screen.getAllByRole("button", { name: "Add a rule" })[0] as HTMLElement);
    expect((config.rules as { group?: string }[])[2]?.group).toBe("Who they are");
  });

  it("reorders rows by keyboard", () => {
    show(
      { fields: { type: "array", title: "Fields", "x-ui": "fields" } },
      {
        fields: [
          { name: "a", value: "1" },
          { name: "b", value: "2" },
        ],
      },
    );
    fireEvent.keyDown(screen.getByRole("button", { name: "Move field 1 of 2" }), { key: "ArrowDown" });
    expect((config.fields as { name: string }[]).map((field) => field.name)).toEqual(["b", "a"]);
  });

  it("edits tagged unions by their shape", () => {
    show(
      {
        check: {
          title: "Proof",
          oneOf: [
            { type: "object", title: "None", properties: { by: { const: "nothing" } }, required: ["by"] },
            {
              type: "object",
              title: "A secret",
              properties: { by: { const: "secret" }, header: { type: "string", title: "Header" } },
              required: ["by", "header"],
            },
          ],
        },
      },
      { check: { by: "secret", header: "X" } },
    );
    fireEvent.change(screen.getByRole("textbox", { name: "Header" }), { target: { value: "X-Team" } });
    expect(config.check).toEqual({ by: "secret", header: "X-Team" });
  });

  it("says a schedule in words with its next times", async () => {
    show({ cron: { type: "string", title: "When", "x-ui": "cron" } }, { cron: "0 8 * * 1-5" });
    expect(await screen.findByText("At 08:00, Monday to Friday")).toBeInTheDocument();
    expect(screen.getByText(/Tue 24 Nov at 08:00/)).toBeInTheDocument();
    expect(screen.getByRole("combobox", { name: "When" })).toHaveTextContent("Every weekday at 08:00");
  });

  it("picks by name and shows names the workspace does not have", () => {
    show(
      {
        pool: { type: "string", title: "Pool", "x-ui": "pool" },
        stage: { type: "string", title: "Stage", "x-ui": "stage" },
      },
      { pool: "p1", stage: "Gone" },
    );
    expect(screen.getByRole("button", { name: "Pool: Account executives" })).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Stage: Gone" })).toBeInTheDocument();
  });

  it("asks for hosted form fields by their label", () => {
    show(
      { fields: { type: "array", title: "Questions", "x-ui": "field_list" } },
      { fields: [{ name: "", label: "", type: "text" }] },
    );
    fireEvent.change(screen.getByLabelText("Label of field 1"), { target: { value: "First name" } });
    expect(config.fields).toEqual([{ name: "first_name", label: "First name", type: "text" }]);
    const row = within(screen.getByRole("group", { name: "Questions" }));
    fireEvent.click(row.getByRole("checkbox", { name: "Must be filled in" }));
    expect((config.fields as { required?: boolean }[])[0]?.required).toBe(true);
  });

  it("shows durations in the unit people think in", () => {
    show({ seconds: { type: "integer", title: "How long", "x-ui": "duration" } }, { seconds: 7200 });
    expect(screen.getByLabelText("How long")).toHaveValue("2");
    fireEvent.change(screen.getByLabelText("How long"), { target: { value: "3" } });
    expect(config).toEqual({ seconds: 10_800 });
  });

  it("says so when a kind has nothing to set up", () => {
    show({});
    expect(screen.getByText(/nothing to set up/)).toBeInTheDocument();
  });
});

describe("a record that may be left out", () => {
  const deadline: JsonSchema = {
    title: "Deadline",
    default: null,
    anyOf: [
      {
        type: "object",
        required: ["amount"],
        properties: {
          amount: { title: "At most", type: "integer" },
          unit: { type: "string", default: "hours" },
        },
      },
      { type: "null" },
    ],
  };

  it("is switched on with its first values and off without a trace", () => {
    show({ deadline });
    const on = screen.getByRole("switch", { name: "Deadline" });
    expect(screen.queryByLabelText(/^At most/)).toBeNull();
    fireEvent.click(on);
    expect(config).toEqual({ deadline: { amount: 0, unit: "hours" } });
    fireEvent.change(screen.getByLabelText(/^At most/), { target: { value: "4" } });
    expect(config).toEqual({ deadline: { amount: 4, unit: "hours" } });
    fireEvent.click(on);
    expect(config).toEqual({});
  });
});

describe("entries that are ways out", () => {
  const entry: JsonSchema = {
    type: "object",
    required: ["id"],
    properties: {
      id: { type: "string" },
      label: { type: "string", default: "" },
      weight: { type: "integer", default: 1 },
    },
  };
  const variants: JsonSchema = { type: "array", title: "Variants", items: entry };
  const kind = { ports: { rule: "cases", field: "variants", default_label: "Without" } } as const;

  it("keep their id when they are renamed, and get one nobody had", () => {
    const start = {
      variants: [
        { id: "a", label: "Short", weight: 3 },
        { id: "b", label: "Long", weight: 1 },
      ],
    };
    show({ variants }, start, { kind });
    expect(screen.getByText("75%")).toBeVisible();
    fireEvent.change(screen.getByRole("textbox", { name: "Name of variant 1" }), {
      target: { value: "Brief" },
    });
    fireEvent.click(screen.getByRole("button", { name: "Remove variant 2" }));
    fireEvent.click(screen.getByRole("button", { name: "Add a variant" }));
    expect(config).toEqual({
      variants: [
        { id: "a", label: "Brief", weight: 3 },
        { id: "b", label: "", weight: 1 },
      ],
    });
  });
});

describe("a file", () => {
  it("is chosen by its name and kept by its id; one that is gone is said", () => {
    const file: JsonSchema = { type: "string", title: "File", "x-ui": "file" };
    const { unmount } = show({ file }, { file: "f1" });
    expect(screen.getByText(/48.2 MB/)).toBeVisible();
    unmount();
    show({ file }, { file: "f9" });
    expect(screen.getByText(/not there any more/)).toBeVisible();
  });
});
