import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { resetConnection } from "@/api/connection";
import { openStudio, problem } from "@/pages/testing/open-studio";
import { bytesInWords, gigabytes } from "./bytes";
import { countInWords } from "./erasure-words";

beforeEach(() => resetConnection(async () => true));
afterEach(() => {
  resetConnection();
  vi.unstubAllGlobals();
});

it("says sizes as people do", () => {
  expect([0, 999, 1000, 12_400_000, 3.42e9].map(bytesInWords)).toEqual([
    "0 bytes",
    "999 bytes",
    "1 KB",
    "12.4 MB",
    "3.4 GB",
  ]);
  expect(gigabytes("1,5")).toBe(1.5e9);
  expect(gigabytes("a lot")).toBeNull();
  expect(gigabytes("0")).toBeNull();
  expect(countInWords({ table: "run", rows: 1 })).toBe("1 run");
  expect(countInWords({ table: "some_new_table", rows: 2 })).toBe("2 some new table");
});

const storage = { bytes: 2e9, budget_bytes: 5e9, runs: 10, by_workflow: [], erasures: 0 };

it("warns of what a smaller budget deletes before it is saved", async () => {
  const { requests } = openStudio("/settings", {
    "GET /storage": storage,
    "PUT /storage": { ...storage, budget_bytes: 1e9 },
    "GET /erasures": { items: [] },
    "GET /files": { items: [] },
    "GET /tokens": { items: [] },
  });
  const field = await screen.findByRole("textbox", { name: "At most" });
  await userEvent.clear(field);
  await userEvent.type(field, "1");
  expect(screen.getByText(/About 1 GB of the oldest runs will be deleted/)).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() =>
    expect(requests.find(({ call }) => call === "PUT /storage")?.body).toEqual({ budget_bytes: 1e9 }),
  );
  expect(await screen.findByText(/beyond 1 GB/)).toBeVisible();
});

const LEAD = {
  id: "l1",
  name: "Ada Lovelace",
  email: "ada@example.com",
  stage: "SQL",
  score: null,
  score_reasons: [],
  owner: null,
  lists: [],
  fields: {},
  timeline: [],
  created_at: "2026-11-23T09:00:00Z",
  updated_at: "2026-11-23T09:00:00Z",
};

async function openDeletion(answer: unknown) {
  const opened = openStudio("/leads/l1", {
    "GET /leads/l1": LEAD,
    "POST /leads/l1/erase": answer,
    "GET /leads": { items: [], next: null, total: 0 },
    "GET /leads/summary": { total: 0, by_owner: [], by_stage: [], by_list: [] },
    "GET /owners": { items: [] },
    "GET /stages": { items: [] },
    "GET /lists": { items: [] },
  });
  await userEvent.click(await screen.findByRole("button", { name: "More actions" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: /Delete this person/ }));
  return opened;
}

it("deletes a person only after their address was typed, and shows the proof", async () => {
  const { requests, history } = await openDeletion({
    id: "e1",
    at: "2026-11-23T10:00:00Z",
    by: "you",
    counts: [
      { table: "lead", rows: 1 },
      { table: "run", rows: 3 },
      { table: "pin", rows: 0 },
      { table: "left_in_files", rows: 2 },
    ],
    proof: "sha256:abc",
  });
  const sure = await screen.findByRole("button", { name: "Delete for good" });
  expect(sure).toBeDisabled();
  await userEvent.type(screen.getByRole("textbox", { name: /Type .* to confirm/ }), "Ada@example.com");
  await userEvent.click(sure);
  expect(await screen.findByText("sha256:abc")).toBeVisible();
  expect(screen.getByText("3 runs")).toBeVisible();
  expect(screen.queryByText(/0 runs kept/)).toBeNull();
  expect(screen.getByText(/can still be found 2 times/)).toBeVisible();
  expect(requests.filter(({ call }) => call.endsWith("/erase"))).toHaveLength(1);
  await userEvent.click(screen.getByRole("button", { name: "Done" }));
  await waitFor(() => expect(history.location.pathname).toBe("/leads"));
});

it("a deletion that failed says why and can be tried again", async () => {
  await openDeletion(problem(503, "STORE-0013", "The store is busy", "Try again in a minute."));
  await userEvent.type(
    await screen.findByRole("textbox", { name: /Type .* to confirm/ }),
    "ada@example.com{Enter}",
  );
  expect(await screen.findByRole("alert")).toHaveTextContent(/Try again in a minute.*STORE-0013/);
  expect(screen.getByRole("button", { name: "Delete for good" })).toBeEnabled();
});
