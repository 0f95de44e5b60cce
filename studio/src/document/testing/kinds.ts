/** A few kinds and a small document for tests: enough shapes of ports and summaries to ask every question. */
import type { Category, PortRule, StepKind, StepKinds, WorkflowDocument } from "../types";

const OUT: PortRule = { rule: "fixed", ports: [{ id: "out", label: "" }] };

function kind(name: string, category: Category, part: Partial<StepKind> = {}): StepKind {
  return {
    kind: name,
    title: part.title ?? name,
    summary: "",
    help: "",
    icon: "dot",
    category,
    keywords: [],
    schema: { type: "object", properties: {} },
    default_config: {},
    ports: OUT,
    promise: "none",
    promise_text: "",
    has_error_port: true,
    example: { config: {} },
    output_sample: null,
    summary_template: "",
    ...part,
  };
}

export const KINDS: StepKinds = Object.fromEntries(
  [
    kind("webhook", "trigger", { title: "Webhook", output_sample: { body: { email: "ada@example.com" } } }),
    kind("set_fields", "data", {
      title: "Set fields",
      summary_template: "{fields}",
      schema: { properties: { fields: { title: "Fields", "x-ui": "fields" } } },
      default_config: { fields: [] },
    }),
    kind("score", "lead", { title: "Score", output_sample: { score: 85 } }),
    kind("if", "logic", {
      title: "If",
      ports: {
        rule: "fixed",
        ports: [
          { id: "yes", label: "yes" },
          { id: "no", label: "no" },
        ],
      },
      schema: { properties: { condition: { "x-ui": "condition" } } },
    }),
    kind("switch", "logic", {
      title: "Switch",
      ports: { rule: "cases", field: "cases", default_label: "everyone else" },
    }),
    kind("loop", "logic", {
      title: "Loop",
      body: "per_item",
      schema: { properties: { items: { "x-ui": "expression" } } },
    }),
    kind("repeat", "logic", { title: "Repeat", body: "per_round" }),
    kind("try", "logic", { title: "Try", body: "once" }),
    kind("wait", "logic", {
      title: "Wait",
      summary_template: "for {seconds}",
      schema: { properties: { seconds: { "x-ui": "duration" } } },
      default_config: { seconds: 3600 },
    }),
    kind("stop", "logic", { title: "Stop", ports: { rule: "fixed", ports: [] } }),
  ].map((one) => [one.kind, one]),
);

/*
 * hook -> score -> warm --yes--> route
 *                       `-no---> wait
 */
export const LEADS: WorkflowDocument = {
  format: 1,
  name: "Leads",
  steps: {
    hook: { kind: "webhook", title: "Web form", config: {} },
    score: { kind: "score", title: "Score the lead", config: { lead: "{{ trigger.body }}" } },
    warm: {
      kind: "if",
      title: "Warm?",
      config: { condition: { field: "{{ steps.score.score }}", op: "at_least", value: 70 } },
    },
    route: {
      kind: "set_fields",
      title: "Route",
      config: { fields: [{ name: "s", value: "{{ steps.score.score }}" }] },
    },
    wait: { kind: "wait", title: "Wait", config: { seconds: 7200 } },
  },
  edges: [
    { from: "hook", to: "score" },
    { from: "score", to: "warm" },
    { from: "warm", port: "yes", to: "route" },
    { from: "warm", port: "no", to: "wait" },
  ],
  layout: {
    hook: { x: 0, y: 0 },
    score: { x: 0, y: 104 },
    warm: { x: 0, y: 208 },
    route: { x: -128, y: 348 },
    wait: { x: 128, y: 348 },
  },
};

/** The same with a loop whose body holds one step. */
export const LOOPING: WorkflowDocument = {
  ...LEADS,
  steps: {
    ...LEADS.steps,
    each: {
      kind: "loop",
      title: "Each row",
      config: { items: "{{ trigger.body.rows }}" },
      body: { steps: { inner: { kind: "set_fields", title: "Inner", config: { fields: [] } } }, edges: [] },
    },
  },
  edges: [...LEADS.edges, { from: "route", to: "each" }],
  samples: { hook: { body: { rows: [{ id: 1 }, { id: 2 }] } } },
};
