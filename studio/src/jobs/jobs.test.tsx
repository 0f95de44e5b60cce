import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Job } from "@/api";
import { openStudio, problem } from "@/pages/testing/open-studio";

afterEach(() => vi.unstubAllGlobals());

const JOB: Job = {
  id: "j1",
  kind: "back_test",
  title: "The draft on the last 7 days",
  status: "completed",
  done: 412,
  total: 412,
  groups: [
    { group: "same", label: "Same", count: 371 },
    { group: "other_owner", label: "Other owner", count: 29 },
    { group: "new_error", label: "New error", count: 12 },
  ],
  workflow_id: "w1",
  workflow_name: "Inbound lead to owner",
  created_at: "2026-11-23T09:00:00Z",
  created_by: "ana@acme.example",
  finished_at: "2026-11-23T09:00:05Z",
};

const STEP = (title: string) => ({ kind: "set_fields", title, config: {} });
const DOCUMENT = {
  format: 1,
  name: "Inbound lead to owner",
  steps: { inbound: STEP("Demo request"), hot: STEP("Hot?"), ae: STEP("To sales"), sdr: STEP("To nurture") },
  edges: [],
};
const WORKFLOW = {
  id: "w1",
  name: "Inbound lead to owner",
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
const OUTCOME = { status: "completed", owner: "Ana Moreau", stage: "SQL", score: 75 };
const ITEM = {
  seq: 13,
  run_id: "r1",
  subject: "Ada Lovelace",
  group: "other_owner",
  detail: {
    old: {
      ...OUTCOME,
      path: [
        { from: "inbound", port: "out", to: "hot" },
        { from: "hot", port: "yes", to: "ae" },
      ],
    },
    new: {
      ...OUTCOME,
      owner: "Ben Okafor",
      path: [
        { from: "inbound", port: "out", to: "hot" },
        { from: "hot", port: "no", to: "sdr" },
      ],
    },
    differences: [{ label: "Owner", old: "Ana Moreau", new: "Ben Okafor" }],
    writes: [
      {
        step: "sdr",
        step_title: "To nurture",
        what: "Lead Ada Lovelace",
        promise: "once",
        changes: [{ label: "Owner", old: null, new: "Ben Okafor" }],
      },
    ],
    not_known: [{ step: "enrich", step_title: "Enrich the company", what: "what the register answers" }],
  },
};
const ANSWERS = {
  "GET /jobs": { items: [JOB] },
  "GET /jobs/j1": JOB,
  "GET /jobs/j1/items": { items: [ITEM], next: null },
  "GET /workflows/w1": WORKFLOW,
};

describe("a draft tried on the past", () => {
  it("tells what came out in a sentence and shows what differs first", async () => {
    openStudio("/jobs/j1", ANSWERS);
    expect(
      await screen.findByRole("heading", { name: "412 runs: 371 same, 29 other owner, 12 new errors" }),
    ).toBeVisible();
    expect(screen.getByText("Nothing was written")).toBeVisible();
    expect(screen.getByRole("button", { name: /29 Other owner/ })).toHaveAttribute("aria-pressed", "true");
    const row = (await screen.findByRole("button", { name: "Ada Lovelace" })).closest("tr") as HTMLElement;
    expect(within(row).getByText("Owner Ana Moreau → Ben Okafor")).toBeVisible();
    expect(within(row).getByText("Not all known from history")).toBeVisible();
  });

  it("shows only the group that is pressed, and keeps it in the address", async () => {
    const { history } = openStudio("/jobs/j1", ANSWERS);
    await userEvent.click(await screen.findByRole("button", { name: /371 Same/ }));
    await waitFor(() => expect(history.location.search).toContain("group=same"));
    await userEvent.click(screen.getByRole("button", { name: /412 All/ }));
    await waitFor(() => expect(history.location.search).toContain("group=all"));
  });

  it("opens a run side by side: outcomes, ways, writes and what is not known", async () => {
    const { history } = openStudio("/jobs/j1", ANSWERS);
    await userEvent.click(await screen.findByRole("button", { name: "Ada Lovelace" }));
    const dialog = await screen.findByRole("dialog", { name: "Ada Lovelace" });
    const owner = within(dialog).getAllByRole("row", { name: /^Owner/ })[0] as HTMLElement;
    expect(owner).toHaveTextContent("Ana Moreau");
    expect(owner).toHaveTextContent("Ben Okafor");
    const way = await within(dialog).findByRole("region", { name: "The way it went" });
    expect(within(way).getByRole("row", { name: "To sales To nurture" })).toBeVisible();
    expect(within(dialog).getByText("Happens exactly once")).toBeVisible();
    expect(within(dialog).getByText(/what the register answers/)).toBeVisible();
    expect(history.location.search).toContain("item=13");
    await userEvent.keyboard("{Escape}");
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  });

  it("opens the same run again from its address", async () => {
    openStudio("/jobs/j1?group=same&item=13", ANSWERS);
    expect(await screen.findByRole("dialog", { name: "Ada Lovelace" })).toBeVisible();
  });
});

describe("a job at work", () => {
  const RUNNING = { ...JOB, status: "running", done: 105, finished_at: null };

  it("can be cancelled from the strip that stands under every page", async () => {
    const { requests } = openStudio("/workflows", {
      "GET /workflows": { items: [] },
      "GET /jobs": { items: [RUNNING] },
      "POST /jobs/j1/cancel": {},
    });
    const strip = await screen.findByRole("region", { name: "Work going on" });
    expect(within(strip).getByRole("progressbar")).toHaveAttribute("aria-valuenow", "105");
    expect(within(strip).getByText("105 of 412")).toBeVisible();
    await userEvent.click(within(strip).getByRole("button", { name: "Cancel" }));
    await waitFor(() => expect(requests.some(({ call }) => call === "POST /jobs/j1/cancel")).toBe(true));
  });

  it("says when it is over, wherever one is", async () => {
    openStudio("/workflows", { "GET /workflows": { items: [] }, "GET /jobs": { items: [RUNNING] } });
    await screen.findByRole("region", { name: "Work going on" });
    // From here on the server says that it is done.
    const served = fetch;
    vi.stubGlobal("fetch", (request: Request) =>
      request.url.endsWith("/jobs") ? Promise.resolve(Response.json({ items: [JOB] })) : served(request),
    );
    expect(await screen.findByText("The draft on the last 7 days: finished")).toBeVisible();
    expect(screen.queryByRole("region", { name: "Work going on" })).toBeNull();
  });
});

it("an empty list of jobs teaches what would stand there", async () => {
  openStudio("/jobs", { "GET /jobs": { items: [] } });
  expect(await screen.findByRole("heading", { name: "No jobs yet" })).toBeVisible();
});

it("a job that is gone says so, with its code", async () => {
  openStudio("/jobs/j9", {
    "GET /jobs": { items: [] },
    "GET /jobs/j9": problem(404, "RUN-0033", "No such job", "Go back."),
  });
  expect(await screen.findByRole("heading", { name: "No such job" })).toBeVisible();
  expect(screen.getByRole("link", { name: /RUN-0033/ })).toBeVisible();
});

describe("running again what a list shows", () => {
  const RUN = {
    id: "r1",
    workflow_id: "w1",
    workflow_name: "Inbound lead to owner",
    version: 2,
    draft: false,
    status: "failed",
    subject: "Ada Lovelace",
    lead_id: null,
    trigger_kind: "webhook",
    started_at: "2026-11-23T09:00:00Z",
    finished_at: "2026-11-23T09:00:01Z",
    duration_ms: 3,
  };

  it("asks first, with the number, and sends the list's own filter", async () => {
    const { history, requests } = openStudio("/workflows/w1/runs?status=failed", {
      ...ANSWERS,
      "GET /runs": { items: [RUN], next: null },
      "GET /runs/count": { count: 1204 },
      "POST /runs/again": { ...JOB, kind: "run_again", title: "Running 1,204 runs again" },
    });
    await userEvent.click(await screen.findByRole("button", { name: "Run these 1,204 again…" }));
    const dialog = await screen.findByRole("dialog", { name: "Run 1,204 runs again" });
    expect(within(dialog).getByText(/that are “failed”/)).toBeVisible();
    expect(requests.some(({ call }) => call === "POST /runs/again")).toBe(false);
    await userEvent.click(within(dialog).getByRole("radio", { name: /The draft/ }));
    await userEvent.click(within(dialog).getByRole("button", { name: "Run 1,204 runs again" }));
    await waitFor(() => expect(history.location.pathname).toBe("/jobs/j1"));
    expect(requests.find(({ call }) => call === "POST /runs/again")?.body).toEqual({
      workflow: "w1",
      status: "failed",
      version: "draft",
      dry: false,
    });
  });

  it("refuses more than one job takes and says what to do", async () => {
    openStudio("/workflows/w1/runs", {
      ...ANSWERS,
      "GET /runs": { items: [RUN], next: null },
      "GET /runs/count": { count: 10_001 },
    });
    await userEvent.click(await screen.findByRole("button", { name: "Run these again…" }));
    const dialog = await screen.findByRole("dialog");
    expect(await within(dialog).findByText(/Choose a shorter span/)).toBeVisible();
    expect(within(dialog).getByRole("button", { name: /^Run more than 10,000 runs/ })).toBeDisabled();
  });
});
