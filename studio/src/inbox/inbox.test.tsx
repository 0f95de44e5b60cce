import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { InboxItem } from "@/api";
import { resetConnection } from "@/api/connection";
import { openStudio, problem } from "@/pages/testing/open-studio";

beforeEach(() => resetConnection(async () => true));
afterEach(() => {
  resetConnection();
  vi.unstubAllGlobals();
});

const shared = {
  run_id: "r1",
  workflow_id: "w1",
  workflow_name: "Discounts",
  step: "ask",
  step_title: "Ask the lead",
  lead_id: null,
  asked_at: "2026-11-23T09:00:00Z",
  due_at: null,
  text: "",
};
const approval: InboxItem = {
  ...shared,
  id: "r1:ask",
  kind: "approval",
  subject: "Ada Lovelace",
  title: "Give 15% off?",
  options: [
    { id: "yes", label: "Approve" },
    { id: "no", label: "Reject" },
  ],
};
const doubt: InboxItem = {
  ...shared,
  id: "r2:deal",
  kind: "decision",
  subject: "Grace Hopper",
  title: "Did “Create the deal” happen?",
  options: [],
  sent: { what: "POST https://crm.example/deals", input: { body: { amount: 12 } } },
};

const inbox = (items: InboxItem[]) => ({ items, next: null, count: items.length });
const entries = () => within(screen.getByRole("region", { name: "What waits" }));
const answers = (requests: { call: string; body: unknown }[]) =>
  requests.filter(({ call }) => call.endsWith("/answer"));

it("is answered with the number keys and goes on to the next question", async () => {
  const { requests } = openStudio("/inbox", {
    "GET /inbox": inbox([approval, doubt]),
    "POST /inbox/r1%3Aask/answer": {},
  });
  expect(await screen.findByRole("heading", { name: "Give 15% off?" })).toBeVisible();
  expect(await screen.findByRole("link", { name: "Inbox, 2 waiting" })).toBeVisible();
  await userEvent.type(screen.getByRole("textbox", { name: /^Note/ }), "2 is not an answer here");
  screen.getByRole("region", { name: "The open question" }).focus();
  await userEvent.keyboard("2");
  expect(await screen.findByText("Answered: Reject")).toBeVisible();
  expect(answers(requests)).toEqual([
    { call: "POST /inbox/r1%3Aask/answer", body: { port: "no", note: "2 is not an answer here" } },
  ]);
});

it("shows what was sent and says what each answer of a doubt leads to", async () => {
  const { requests } = openStudio("/inbox", {
    "GET /inbox": inbox([approval, doubt]),
    "POST /inbox/r2%3Adeal/answer": {},
  });
  await screen.findByRole("heading", { name: "Give 15% off?" });
  await userEvent.keyboard("j");
  expect(await screen.findByText("POST https://crm.example/deals")).toBeVisible();
  expect(screen.getByText(/the run goes on without this step’s result/)).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: /It did not, send it again/ }));
  await waitFor(() => expect(answers(requests)[0]?.body).toEqual({ port: "did_not" }));
});

it("an answer that was not kept brings the question back", async () => {
  openStudio("/inbox", {
    "GET /inbox": inbox([approval, doubt]),
    "POST /inbox/r1%3Aask/answer": problem(507, "STORE-0003", "The disk is full", "Make room."),
  });
  await userEvent.click(await screen.findByRole("button", { name: /Approve/ }));
  expect(await screen.findByText("Your answer was not kept")).toBeVisible();
  expect(entries().getByText("Give 15% off?")).toBeVisible();
});

it("says when somebody else was faster", async () => {
  openStudio("/inbox", {
    "GET /inbox": inbox([approval]),
    "POST /inbox/r1%3Aask/answer": problem(409, "RUN-0020", "Answered already", ""),
  });
  await userEvent.click(await screen.findByRole("button", { name: /Approve/ }));
  expect(await screen.findByText(/was answered already/)).toBeVisible();
  expect(screen.getByRole("link", { name: /RUN-0020/ })).toBeVisible();
});

it("teaches what would come when nothing waits", async () => {
  openStudio("/inbox", { "GET /inbox": inbox([]) });
  expect(await screen.findByRole("heading", { name: "Nothing waits for you" })).toBeVisible();
  expect(screen.getByText(/never sends it blindly again/)).toBeVisible();
});
