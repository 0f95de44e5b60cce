import { afterEach, describe, expect, it, vi } from "vitest";
import { type Job, jobsApi } from "@/api";
import { againOf } from "./try-again";

afterEach(() => vi.restoreAllMocks());

const job = (kind: Job["kind"], params: unknown) => ({ kind, params, workflow_id: "w1" }) as Job;

describe("trying once more", () => {
  it("goes over the same days, with the draft as it is by now", async () => {
    const backTest = vi.spyOn(jobsApi, "backTest").mockResolvedValue({} as Job);
    await againOf(job("back_test", { since: "a", until: "b", most: 500, version: 3 }))?.();
    expect(backTest).toHaveBeenCalledWith("w1", { since: "a", until: "b", most: 500, version: "draft" });
  });

  it("sends the same event, file or past run", async () => {
    const dryRun = vi.spyOn(jobsApi, "dryRun").mockResolvedValue({} as Job);
    const runAgain = vi.spyOn(jobsApi, "runAgain").mockResolvedValue({ job: {} as Job });
    await againOf(job("dry_run", { version: "draft", trigger: "form", payload: { a: 1 } }))?.();
    await againOf(job("dry_run", { version: "current", file: "f1", payload: null }))?.();
    await againOf(job("dry_run", { run_id: "r1", from: null, version: "same", dry: true }))?.();
    expect(dryRun).toHaveBeenCalledWith("w1", { version: "draft", trigger: "form", payload: { a: 1 } });
    expect(dryRun).toHaveBeenCalledWith("w1", { version: "current", file: "f1" });
    expect(runAgain).toHaveBeenCalledWith("r1", { version: "same", dry: true });
  });

  it("is not offered for what writes, nor where too little is known", () => {
    expect(againOf(job("run_again", { workflow: "w1" }))).toBeNull();
    expect(againOf(job("dry_run", { version: "draft", events: 12 }))).toBeNull();
    expect(againOf(job("back_test", undefined))).toBeNull();
  });
});
