import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { openStudio, problem } from "./testing/open-studio";

afterEach(() => vi.unstubAllGlobals());

const FLOW = {
  id: "w1",
  name: "Inbound lead to owner",
  description: null,
  active: true,
  published_version: 2,
  draft_changed: false,
  trigger_kinds: ["webhook"],
  steps: 11,
  runs_today: { completed: 0, failed: 0, running: 0 },
  last_run_at: null,
  updated_at: "2026-11-23T09:00:00Z",
};
const NO_RUNS = { items: [], next: null };

describe("who may see what", () => {
  it("sends a new Trunkline to set-up, and says where the link is", async () => {
    const { history } = openStudio("/", { "GET /session": { state: "setup", version: "0.1.0" } });
    expect(await screen.findByRole("heading", { name: "Open the set-up link" })).toBeVisible();
    expect(history.location.pathname).toBe("/setup");
  });

  it("sends the signed out to sign-in and back to where they were going", async () => {
    const { history, requests } = openStudio("/runs?status=failed", {
      "GET /session": { state: "signed_out", version: "0.1.0" },
      "POST /session": { state: "signed_in", csrf: "t", version: "0.1.0" },
      "GET /runs": NO_RUNS,
    });
    await userEvent.type(await screen.findByLabelText("E-mail"), "ana@acme.example");
    await userEvent.type(screen.getByLabelText("Password"), "a long password{Enter}");
    expect(await screen.findByText("No run matches")).toBeVisible();
    expect(history.location.href).toBe("/runs?status=failed");
    expect(requests.find(({ call }) => call === "POST /session")?.body).toEqual({
      email: "ana@acme.example",
      password: "a long password",
    });
  });

  it("makes the owner's account from the link, once the password is long enough", async () => {
    const { history, requests } = openStudio("/setup?token=once", {
      "GET /session": { state: "setup", version: "0.1.0" },
      "POST /setup": { state: "signed_in", csrf: "t", version: "0.1.0" },
      "GET /workflows": { items: [] },
    });
    await userEvent.type(await screen.findByLabelText(/E-mail/), "ana@acme.example");
    await userEvent.type(screen.getByLabelText(/^Password/), "short{Enter}");
    expect(screen.getByText("Use at least 10 characters.")).toBeVisible();
    expect(requests.some(({ call }) => call === "POST /setup")).toBe(false);
    await userEvent.type(screen.getByLabelText(/^Password/), " but longer{Enter}");
    await waitFor(() => expect(history.location.pathname).toBe("/workflows"));
    expect(requests.find(({ call }) => call === "POST /setup")?.body).toEqual({
      token: "once",
      email: "ana@acme.example",
      password: "short but longer",
    });
  });
});

describe("empty places teach", () => {
  it.each([
    ["/workflows", { "GET /workflows": { items: [] } }, "Draw your first workflow", "button"],
    ["/runs", { "GET /runs": NO_RUNS }, "Nothing has run yet", "link"],
    [
      "/leads",
      {
        "GET /leads": { ...NO_RUNS, total: 0 },
        "GET /leads/summary": { total: 0, by_owner: [], by_stage: [], by_list: [] },
      },
      "No leads yet",
      "link",
    ],
    ["/pools", { "GET /pools": { items: [] }, "GET /owners": { items: [] } }, "No pools yet", "button"],
  ])("%s", async (path, answers, title, way) => {
    openStudio(path, answers);
    const heading = await screen.findByRole("heading", { name: title });
    const place = heading.parentElement as HTMLElement;
    expect(within(place).getAllByRole(way).length).toBeGreaterThan(0);
  });
});

describe("errors say what to do and how to look them up", () => {
  it.each([
    ["/workflows", "GET /workflows"],
    ["/runs", "GET /runs"],
    ["/leads", "GET /leads"],
    ["/leads/l1", "GET /leads/l1"],
    ["/pools", "GET /pools"],
    ["/workflows/w1/versions", "GET /workflows/w1/versions"],
  ])("%s", async (path, call) => {
    openStudio(path, { [call]: problem(503, "API-0009", "The store is busy", "Wait a moment.") });
    expect(await screen.findByRole("heading", { name: "The store is busy" })).toBeVisible();
    expect(screen.getByText(/Wait a moment/)).toBeVisible();
    expect(screen.getByRole("link", { name: /API-0009/ })).toHaveAttribute("href", "/docs/errors/API-0009");
    expect(screen.getByRole("button", { name: "Try again" })).toBeVisible();
  });
});

describe("the list of workflows", () => {
  it("puts a switch back when the server refuses it", async () => {
    openStudio("/workflows", {
      "GET /workflows": { items: [FLOW] },
      "PUT /workflows/w1/active": problem(409, "WF-0010", "It has no published version", "Publish it."),
    });
    const active = await screen.findByRole("switch", { name: "Inbound lead to owner is active" });
    await userEvent.click(active);
    expect(await screen.findByText("The workflow was not switched")).toBeVisible();
    await waitFor(() => expect(active).toBeChecked());
  });

  it("deletes only after asking", async () => {
    const { requests } = openStudio("/workflows", {
      "GET /workflows": { items: [FLOW] },
      "DELETE /workflows/w1": new Response(null, { status: 204 }),
    });
    await userEvent.click(await screen.findByRole("button", { name: "More for Inbound lead to owner" }));
    await userEvent.click(await screen.findByRole("menuitem", { name: "Delete…" }));
    expect(requests.some(({ call }) => call.startsWith("DELETE"))).toBe(false);
    await userEvent.click(await screen.findByRole("button", { name: "Delete workflow" }));
    await waitFor(() => expect(requests.some(({ call }) => call === "DELETE /workflows/w1")).toBe(true));
  });

  it("does not let a draft be switched on before it is published", async () => {
    openStudio("/workflows", {
      "GET /workflows": { items: [{ ...FLOW, published_version: null, active: false }] },
    });
    expect(await screen.findByRole("switch")).toBeDisabled();
  });
});

describe("pools", () => {
  it("shows shares at once and saves them only when told to", async () => {
    const counters = { weight: 1, assigned: 4, active: true, credit: 0, at_work: true, caps: [] };
    const members = [
      { owner_id: "o1", owner_name: "Ana", ...counters },
      { owner_id: "o2", owner_name: "Ben", ...counters },
    ];
    const rules = {
      turns: "by_weight",
      only_at_work: false,
      anyway_when_closed: false,
      make_up: 3,
      caps: [],
    };
    const { requests } = openStudio("/pools/p1", {
      "GET /pools": { items: [{ id: "p1", name: "AE", members, rules }] },
      "GET /pools/p1/adjustments": { items: [] },
      "GET /stages": { items: [] },
      "GET /owners": { items: [] },
      "PUT /pools/p1": { id: "p1", name: "AE", members, rules },
    });
    const weight = await screen.findByRole("spinbutton", { name: "Weight of Ana" });
    await userEvent.clear(weight);
    await userEvent.type(weight, "3");
    await userEvent.click(screen.getByRole("switch", { name: "Ben takes leads" }));
    expect(screen.getByText("100%")).toBeVisible();
    expect(requests.some(({ call }) => call.startsWith("PUT"))).toBe(false);
    await userEvent.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(requests.find(({ call }) => call === "PUT /pools/p1")).toBeDefined());
    expect(requests.find(({ call }) => call === "PUT /pools/p1")?.body).toMatchObject({
      rules,
      members: [
        { owner_id: "o1", active: true },
        { owner_id: "o2", weight: 1, active: false },
      ],
    });
  });
});

it("a new API token is shown once, in full", async () => {
  openStudio("/settings", {
    "GET /tokens": { items: [] },
    "POST /tokens": { id: "t", name: "Script", created_at: "2026-11-23T09:00:00Z", token: "tl_secret" },
  });
  await userEvent.type(await screen.findByLabelText("Name of a new token"), "Script{Enter}");
  expect(await screen.findByText("tl_secret")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Done" }));
  expect(screen.queryByText("tl_secret")).not.toBeInTheDocument();
});
