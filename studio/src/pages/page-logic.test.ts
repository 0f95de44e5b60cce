import { describe, expect, it } from "vitest";
import type { RunSummary } from "@/api";
import { ago } from "@/app/time";
import { sharesOf, shareWords } from "./pools/pool-shares";
import { applyRuns } from "./runs/use-live-runs";
import { strengthOf } from "./setup/password-strength";
import { target } from "./sign-in/sign-in-page";
import { readDocument } from "./workflows/read-document";
import { slug } from "./workflows/workflow-actions";

describe("reading a document that is imported", () => {
  it.each([
    ["not json", /not JSON/, "API-0002"],
    ["[]", /JSON object/, "API-0005"],
    ['{"nodes":[],"connections":{}}', /n8n/, "DOC-0001"],
    ['{"steps":{},"edges":[]}', /"format": 1/, "DOC-0001"],
    ['{"format":2,"steps":{},"edges":[]}', /Format 2/, "DOC-0001"],
    ['{"format":1,"edges":[]}', /no "steps"/, "API-0005"],
    ['{"format":1,"steps":{}}', /"edges"/, "API-0005"],
  ])("%s is refused in plain words", (text, reason, code) => {
    expect(readDocument(text)).toEqual({ ok: false, reason: expect.stringMatching(reason), code });
  });

  it("keeps what it does not know and gives a nameless one a name", () => {
    const result = readDocument('{"format":1,"name":" ","steps":{},"edges":[],"vars":{"a":1}}');
    expect(result).toEqual({
      ok: true,
      document: { format: 1, name: "Imported workflow", steps: {}, edges: [], vars: { a: 1 } },
    });
  });
});

it("names a file after its workflow", () => {
  expect(slug("Inbound lead → owner (Öst)")).toBe("inbound-lead-owner-ost");
  expect(slug("…")).toBe("workflow");
});

it("hints at the strength of a password", () => {
  expect(strengthOf("short").level).toBe(0);
  expect(strengthOf("short").words).toBe("5 more characters at least");
  expect(strengthOf("password123!A").level).toBe(1);
  expect(strengthOf("anastasia-77", "anastasia@acme.example").level).toBe(1);
  expect(strengthOf("aaaaaaaaaaaaaaaaaa").level).toBe(1);
  expect(strengthOf("lowercaseab").level).toBe(2);
  expect(strengthOf("lowercase words").level).toBe(3);
  expect(strengthOf("four unrelated words here").level).toBe(4);
});

it("goes back only to a path of the studio itself", () => {
  expect(target("/runs?status=failed")).toBe("/runs?status=failed");
  for (const back of [
    "",
    "https://elsewhere.example",
    "//elsewhere.example",
    "/\\elsewhere.example",
    "javascript:x",
  ]) {
    expect(target(back)).toBe("/workflows");
  }
});

it("shares leads by weight among those who take them", () => {
  const members = [
    { weight: 2, active: true },
    { weight: 1, active: true },
    { weight: 5, active: false },
  ];
  expect(sharesOf(members)).toEqual([2 / 3, 1 / 3, 0]);
  expect(sharesOf([{ weight: 1, active: false }])).toEqual([0]);
  expect([2 / 3, 0.001, 0].map(shareWords)).toEqual(["67%", "under 1%", "0%"]);
});

describe("live runs", () => {
  const run = (id: string, part: Partial<RunSummary> = {}) =>
    ({ id, workflow_id: "w1", status: "completed", ...part }) as RunSummary;
  const pages = [{ items: [run("a", { status: "running" }), run("b")], next: null }];
  const changed = new Map(
    [run("a"), run("c"), run("d", { workflow_id: "w2" }), run("e", { status: "failed" })].map((r) => [
      r.id,
      r,
    ]),
  );
  const newIds = (filter: object) => applyRuns(pages, changed, filter).newcomers.map((item) => item.id);

  it("change in place and keep their order", () => {
    const [page] = applyRuns(pages, changed, {}).pages;
    expect(page?.items.map((item) => [item.id, item.status])).toEqual([
      ["a", "completed"],
      ["b", "completed"],
    ]);
  });

  it("are new only where they belong", () => {
    expect(newIds({})).toEqual(["c", "d", "e"]);
    expect(newIds({ workflow: "w1" })).toEqual(["c", "e"]);
    expect(newIds({ status: "failed" })).toEqual(["e"]);
    expect(newIds({ search: "ada" })).toEqual([]);
  });
});

it("says how long ago", () => {
  const now = Date.parse("2026-11-23T12:00:00Z");
  const words = (moment: string) => ago(moment, now);
  expect(words("2026-11-23T11:59:55Z")).toBe("just now");
  expect(words("2026-11-23T12:00:03Z")).toBe("just now");
  expect(words("2026-11-23T11:59:20Z")).toBe("40 s ago");
  expect(words("2026-11-23T11:01:00Z")).toBe("59 min ago");
  expect(words("2026-11-22T13:00:00Z")).toBe("23 h ago");
  expect(words("2026-11-22T11:00:00Z")).toBe("yesterday");
  expect(words("2026-11-18T11:00:00Z")).toBe("5 days ago");
  expect(words("2026-09-01T11:00:00Z")).toBe("1 Sept 2026");
  expect(words("nonsense")).toBe("");
});
