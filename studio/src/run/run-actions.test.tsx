import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openStudio, problem } from "@/pages/testing/open-studio";
import { versionsOf } from "./version-choice";

beforeEach(() => {
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe() {}
      unobserve() {}
      disconnect() {}
    },
  );
});
afterEach(() => vi.unstubAllGlobals());

const DOCUMENT = {
  format: 1,
  name: "Inbound",
  steps: {
    inbound: { kind: "webhook", title: "Demo request", config: {} },
    score: { kind: "score_lead", title: "Score the lead", config: {} },
  },
  edges: [{ from: "inbound", to: "score" }],
};
const RUN = {
  id: "r1",
  workflow_id: "w1",
  workflow_name: "Inbound",
  version: 1,
  draft: false,
  status: "completed",
  subject: "Ada Lovelace",
  lead_id: "l1",
  trigger_kind: "webhook",
  trigger_step: "inbound",
  started_at: "2026-11-23T09:00:00Z",
  finished_at: "2026-11-23T09:00:01Z",
  duration_ms: 3,
  document: DOCUMENT,
  steps: [
    { step: "inbound", frame: "", status: "done", order: 0, attempts: 1, output: { body: { a: 1 } } },
    {
      step: "score",
      frame: "",
      status: "done",
      order: 1,
      attempts: 1,
      output: { score: 75 },
      written: [{ label: "Score", old: null, new: 75 }],
    },
  ],
  edges: [{ from: "inbound", port: "out", to: "score", count: 1 }],
};
const WORKFLOW = {
  id: "w1",
  name: "Inbound",
  active: true,
  draft: DOCUMENT,
  draft_revision: 3,
  published_version: 2,
  published: DOCUMENT,
  draft_changed: true,
  problems: [],
  hooks: [],
  created_at: "2026-11-20T09:00:00Z",
  updated_at: "2026-11-23T08:59:00Z",
};
const ANSWERS = {
  "GET /runs/r1": RUN,
  "GET /runs": { items: [RUN], next: null },
  "GET /workflows/w1": WORKFLOW,
  "GET /owners": { items: [] },
  "GET /pools": { items: [] },
  "GET /lists": { items: [] },
  "GET /jobs": { items: [] },
};

describe("running a run again", () => {
  it("can begin at the step that is looked at, on another version", async () => {
    const { history, requests } = openStudio("/runs/r1?view=table", {
      ...ANSWERS,
      "POST /runs/r1/again": { run_id: "r2" },
    });
    await userEvent.click(await screen.findByRole("button", { name: "Run again" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "From “Score the lead”…" }));
    const dialog = await screen.findByRole("dialog", { name: "Run again" });
    expect(within(dialog).getByText(/they are not run again/)).toBeVisible();
    await userEvent.click(await within(dialog).findByRole("radio", { name: /Version 2/ }));
    await userEvent.click(within(dialog).getByRole("button", { name: "Run again" }));
    await waitFor(() => expect(history.location.pathname).toBe("/runs/r2"));
    expect(requests.find(({ call }) => call === "POST /runs/r1/again")?.body).toEqual({
      from: "score",
      version: "current",
      dry: false,
    });
  });

  it("shows why it was refused, with the code, and stays open", async () => {
    openStudio("/runs/r1?view=table", {
      ...ANSWERS,
      "POST /runs/r1/again": problem(409, "RUN-0034", "The event is gone", "Send the event anew."),
    });
    await screen.findByRole("button", { name: "Run again" });
    await userEvent.keyboard("r");
    const dialog = await screen.findByRole("dialog", { name: "Run again" });
    await userEvent.click(within(dialog).getByRole("button", { name: "Run again" }));
    expect(await within(dialog).findByRole("alert")).toHaveTextContent(
      /The event is gone Send the event anew/,
    );
    expect(within(dialog).getByRole("link", { name: /RUN-0034/ })).toBeVisible();
  });

  it("says from which run it was started again", async () => {
    const [trigger, ...steps] = RUN.steps;
    const output = { body: { a: 1 }, again_of: "r0" };
    openStudio("/runs/r1?view=table", {
      ...ANSWERS,
      "GET /runs/r1": { ...RUN, steps: [{ ...trigger, output }, ...steps] },
    });
    expect(await screen.findByRole("link", { name: "an earlier run" })).toHaveAttribute("href", "/runs/r0");
  });

  it("offers each version once", () => {
    const words = (run: Parameters<typeof versionsOf>[0], published: number | null) =>
      versionsOf(run, { published_version: published } as never).map(({ value, label }) => [value, label]);
    expect(words({ draft: false, version: 1 }, 2)).toEqual([
      ["same", "Version 1"],
      ["current", "Version 2"],
      ["draft", "The draft"],
    ]);
    expect(words({ draft: false, version: 2 }, 2)).toEqual([
      ["same", "Version 2"],
      ["draft", "The draft"],
    ]);
    expect(words({ draft: true, version: null }, null)).toEqual([["draft", "The draft"]]);
  });
});

describe("undoing a run", () => {
  const ITEMS = [
    { step: "score", what: "Lead Ada", lead_id: "l1", label: "Score", now: 75, back_to: 40, state: "can" },
    {
      step: "route",
      what: "Lead Ada",
      lead_id: "l1",
      label: "Owner",
      now: "Chiara",
      back_to: "Ana",
      state: "changed_since",
      why: "Set by hand an hour later.",
    },
    {
      step: "call",
      what: "POST https://crm.example",
      label: "Request",
      state: "cannot",
      why: "What was sent cannot be called back.",
    },
  ];

  it("says what would happen, what is left and why, and then what was done", async () => {
    const { requests } = openStudio("/runs/r1?view=table", {
      ...ANSWERS,
      "GET /runs/r1/undo": { items: ITEMS, can: 1 },
      "POST /runs/r1/undo": { undone: 1, skipped: 2, items: ITEMS },
    });
    await userEvent.click(await screen.findByRole("button", { name: "Undo…" }));
    const dialog = await screen.findByRole("dialog", { name: "Undo this run" });
    const can = await within(dialog).findByRole("region", { name: "Will be turned back" });
    expect(within(can).getByRole("row", { name: "Lead Ada Score 75 40" })).toBeVisible();
    expect(within(dialog).getByText("Set by hand an hour later.")).toBeVisible();
    expect(within(dialog).getByText("What was sent cannot be called back.")).toBeVisible();
    expect(requests.some(({ call }) => call === "POST /runs/r1/undo")).toBe(false);
    await userEvent.click(within(dialog).getByRole("button", { name: "Turn back 1 change" }));
    const done = await screen.findByRole("dialog", { name: "1 change turned back" });
    expect(within(done).getByRole("link", { name: "Lead Ada" })).toHaveAttribute("href", "/leads/l1");
  });

  it("does not offer what cannot be done", async () => {
    openStudio("/runs/r1?view=table", { ...ANSWERS, "GET /runs/r1/undo": { items: [], can: 0 } });
    await userEvent.click(await screen.findByRole("button", { name: "Undo…" }));
    expect(await screen.findByRole("heading", { name: "It wrote nothing" })).toBeVisible();
    expect(screen.getByRole("button", { name: "Turn back" })).toBeDisabled();
  });
});

it("keeps a run as a test under a name", async () => {
  const { requests } = openStudio("/runs/r1?view=table", { ...ANSWERS, "POST /runs/r1/pin": { id: "p1" } });
  await userEvent.click(await screen.findByRole("button", { name: "Keep as a test" }));
  const dialog = await screen.findByRole("dialog", { name: "Keep as a test" });
  const name = within(dialog).getByRole("textbox", { name: "Name" });
  expect(name).toHaveValue("Ada Lovelace");
  await userEvent.clear(name);
  await userEvent.type(name, "Large company{Enter}");
  expect(await screen.findByText("Kept as a test")).toBeVisible();
  expect(requests.find(({ call }) => call === "POST /runs/r1/pin")?.body).toEqual({ name: "Large company" });
});
