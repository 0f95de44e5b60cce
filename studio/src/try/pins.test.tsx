import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { pinsApi } from "@/api";
import { renderWithStudio } from "@/test-render";
import { PinSection, type PinVerdict } from "./pin-section";

const PIN = {
  id: "p1",
  name: "Ada Lovelace",
  run_id: "r1",
  created_at: "2026-11-23T09:00:00Z",
  expected: { status: "completed" as const, owner: "Ana", path: [] },
};
const CHANGED = {
  pin: PIN,
  same: false,
  differences: [{ label: "Owner", old: "Ana", new: "Ben" }],
  not_known: [],
};

let verdicts: PinVerdict[];
beforeEach(() => {
  verdicts = [];
});
afterEach(() => vi.restoreAllMocks());

function open({ ready = true, saved = true } = {}) {
  renderWithStudio(
    <PinSection
      workflow="w1"
      ready={ready}
      saveFirst={saveFirst[saved ? "yes" : "no"]}
      onVerdict={hear}
      onManage={() => {}}
    />,
  );
}
const saveFirst = { yes: async () => true, no: async () => false };
const hear = (verdict: PinVerdict) => void verdicts.push(verdict);

describe("tests before a publish", () => {
  it("name those that come out otherwise, and how", async () => {
    vi.spyOn(pinsApi, "list").mockResolvedValue({ items: [PIN, { ...PIN, id: "p2" }] });
    vi.spyOn(pinsApi, "check").mockResolvedValue({
      items: [CHANGED, { ...CHANGED, pin: { ...PIN, id: "p2" }, same: true }],
    });
    open();
    expect(await screen.findByText("1 of 2 tests comes out otherwise")).toBeVisible();
    const changed = screen.getByRole("listitem");
    expect(within(changed).getByText("Owner Ana → Ben")).toBeVisible();
    await waitFor(() => expect(verdicts.at(-1)).toEqual({ checking: false, changed: 1 }));
    expect(verdicts[0]).toEqual({ checking: true, changed: 0 });
  });

  it("say so when all is as before", async () => {
    vi.spyOn(pinsApi, "list").mockResolvedValue({ items: [PIN] });
    vi.spyOn(pinsApi, "check").mockResolvedValue({ items: [{ ...CHANGED, same: true }] });
    open();
    expect(await screen.findByText("1 test comes out as before")).toBeVisible();
    await waitFor(() => expect(verdicts.at(-1)).toEqual({ checking: false, changed: 0 }));
  });

  it("are not checked while the draft has errors", async () => {
    vi.spyOn(pinsApi, "list").mockResolvedValue({ items: [PIN] });
    const check = vi.spyOn(pinsApi, "check");
    open({ ready: false });
    expect(await screen.findByText(/once the problems are put right/)).toBeVisible();
    expect(check).not.toHaveBeenCalled();
  });

  it("are checked on the draft that is saved, never on an older one", async () => {
    vi.spyOn(pinsApi, "list").mockResolvedValue({ items: [PIN] });
    const check = vi.spyOn(pinsApi, "check");
    open({ saved: false });
    expect(await screen.findByRole("alert")).toHaveTextContent(/has to be saved first/);
    expect(check).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole("button", { name: "Check again" }));
    await waitFor(() => expect(screen.getByRole("alert")).toBeVisible());
  });

  it("teach what a test is when there is none", async () => {
    vi.spyOn(pinsApi, "list").mockResolvedValue({ items: [] });
    open();
    expect(await screen.findByText(/press “Keep as a test”/)).toBeVisible();
  });
});
