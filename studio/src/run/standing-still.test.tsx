import { screen } from "@testing-library/react";
import { expect, it } from "vitest";
import type { InboxItem, RunView, StepView } from "@/api";
import { renderWithStudio } from "@/test-render";
import { LoopProgressBars } from "./loop-progress";
import { noticeOf } from "./run-notice";
import { othersWordOf, questionsOf } from "./waiting-questions";

it("a run that stands still says why", () => {
  expect(noticeOf({ status: "queued", trigger_kind: "webhook" })?.words).toMatch(/begins by itself/);
  expect(noticeOf({ status: "paused", trigger_kind: "webhook" })?.words).toMatch(/presses Resume/);
  expect(
    noticeOf({ status: "completed", thinned_at: "2026-11-23T10:00:00Z", trigger_kind: "form" })?.words,
  ).toMatch(/thinned out on 23 Nov 2026/);
  expect(noticeOf({ status: "completed", trigger_kind: "slice" })?.words).toMatch(/slice of a big loop/);
  expect(noticeOf({ status: "running", trigger_kind: "manual" })).toBeNull();
});

it("a loop's bar says what is through, what failed and whether it is paused", () => {
  const progress = [
    { step: "each", step_title: "Each row", done: 1200, failed: 3, total: 5000 },
    { step: "pages", step_title: "Each page", done: 7, failed: 0, total: null },
  ];
  renderWithStudio(<LoopProgressBars run={{ status: "paused", progress } as unknown as RunView} />);
  const bar = screen.getByRole("progressbar", { name: "Each row" });
  expect(bar).toHaveAttribute("aria-valuenow", "1200");
  expect(bar).toHaveAttribute("aria-valuetext", "1,200 of 5,000, 3 failed");
  expect(screen.getByText("3 failed")).toBeVisible();
  expect(screen.getAllByText("Paused")).toHaveLength(2);
  // Where it is not known how many there will be, the bar claims no share.
  expect(screen.getByRole("progressbar", { name: "Each page" })).not.toHaveAttribute("aria-valuenow");
});

it("a waiting step has the questions a person can answer, and knows of the others", () => {
  const item = {
    step: "ask",
    kind: "approval",
    options: [{ id: "yes", label: "Yes" }],
  } as unknown as InboxItem;
  const call = {
    step: "call",
    kind: "callback",
    title: "Waits for a call",
    options: [],
  } as unknown as InboxItem;
  const run = { waiting_for: [item, call] };
  const view = (step: string, status: StepView["status"]): StepView => ({
    step,
    frame: "",
    status,
    order: 0,
    attempts: 1,
  });
  expect(questionsOf(run, view("ask", "waiting"))).toEqual([item]);
  expect(questionsOf(run, view("ask", "done"))).toEqual([]);
  expect(questionsOf(run, view("call", "waiting"))).toEqual([]);
  expect(othersWordOf(run, view("call", "waiting"))).toBe(call);
});
