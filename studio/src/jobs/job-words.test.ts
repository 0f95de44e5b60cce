import { describe, expect, it } from "vitest";
import type { Job } from "@/api";
import { groupsInWords, groupToShow, headlineOf, nameOf, progressWords } from "./job-words";

const JOB: Job = {
  id: "j",
  kind: "back_test",
  title: "The draft on the past",
  status: "completed",
  done: 412,
  total: 412,
  groups: [
    { group: "same", label: "Same", count: 371 },
    { group: "other_owner", label: "Other owner", count: 29 },
    { group: "other_score", label: "Other score", count: 0 },
    { group: "other_stage", label: "Other stage", count: 9 },
    { group: "new_error", label: "New error", count: 3 },
  ],
  workflow_id: "w",
  workflow_name: "Inbound",
  created_at: "2026-11-23T09:00:00Z",
  created_by: null,
  finished_at: "2026-11-23T09:00:05Z",
};

describe("a job in words", () => {
  it("says in one sentence what came out, leaving out what did not happen", () => {
    expect(headlineOf(JOB)).toBe("412 runs: 371 same, 29 other owner, 9 other stage, 3 new errors");
  });

  it("says so plainly when nothing differs", () => {
    const groups = [{ group: "same", label: "Same", count: 412 }];
    expect(headlineOf({ ...JOB, groups })).toBe("All 412 runs come out the same");
    // While it goes on, what is still to come may differ.
    expect(headlineOf({ ...JOB, groups, status: "running" })).toBe("412 runs: 412 same");
  });

  it("calls a trial by its days", () => {
    const span = (since: string, until: string) => nameOf({ ...JOB, params: { since, until } });
    expect(span("2026-11-16T09:00:00", "2026-11-23T09:00:00")).toBe("The draft on 16 Nov to 23 Nov");
    expect(span("2026-11-16T00:00:00", "2026-11-17T00:00:00")).toBe("The draft on 16 Nov");
    expect(nameOf(JOB)).toBe("The draft on the past");
  });

  it("does not say the workflow's name twice", () => {
    const title = "Running 121 runs of Inbound again";
    expect(nameOf({ ...JOB, kind: "run_again", title })).toBe("Running 121 runs again");
  });

  it("answers for a single event without counting", () => {
    const groups = [{ group: "completed", label: "would complete", count: 1 }];
    expect(headlineOf({ ...JOB, kind: "dry_run", done: 1, total: 1, groups })).toBe("It would complete");
  });

  it("counts errors in the singular and the plural, whatever the server wrote", () => {
    expect(groupsInWords([{ group: "new_error", label: "new errors", count: 1 }])).toBe("1 new error");
  });

  it("keeps short names in capitals", () => {
    expect(groupsInWords([{ group: "x", label: "MQL now", count: 1 }])).toBe("1 MQL now");
  });

  it("tells how far it is, also while the end is not known", () => {
    expect(progressWords({ done: 1204, total: 10_000 })).toBe("1,204 of 10,000");
    expect(progressWords({ done: 5, total: null })).toBe("5");
  });

  it("shows first what differs, once that is known", () => {
    expect(groupToShow(JOB)).toBe("other_owner");
    expect(groupToShow({ ...JOB, status: "running" })).toBe("");
    expect(groupToShow({ ...JOB, kind: "dry_run" })).toBe("");
  });
});
