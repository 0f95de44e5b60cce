import { describe, expect, it } from "vitest";
import type { BackTestDetail, DryRunDetail, JobItem, Outcome } from "@/api";
import { dayOf, momentsOf, usualSpan } from "./span";
import { differenceInWords, outcomeInWords, outcomeRows, valueInWords } from "./values";
import { writeRows, writesAsCsv, writingSteps } from "./write-rows";

const OLD: Outcome = { status: "completed", owner: "Ana Moreau", stage: "SQL", score: 75, path: [] };

describe("values", () => {
  it.each([
    [null, "—"],
    ["", "—"],
    [[], "—"],
    [true, "yes"],
    [12345, "12,345"],
    [["Nurture", "Newsletter"], "Nurture, Newsletter"],
    [{ id: "o1", name: "Ana Moreau" }, "Ana Moreau"],
    [{ a: 1 }, '{"a":1}'],
  ])("%j reads %s", (value, words) => expect(valueInWords(value)).toBe(words));

  it("tells a difference in a line", () => {
    expect(differenceInWords({ label: "Owner", old: "Ana", new: "Ben" })).toBe("Owner Ana → Ben");
    expect(differenceInWords({ label: "Owner", old: null, new: "Ben" })).toBe("Owner nobody → Ben");
    expect(differenceInWords({ label: "Lists", old: ["Nurture"], new: [] })).toBe("Lists Nurture → none");
  });

  it("sums an outcome up", () => {
    expect(outcomeInWords(OLD)).toBe("Owner Ana Moreau, stage SQL, score 75");
    expect(outcomeInWords({ status: "failed", path: [] })).toBe("Failed");
  });
});

describe("two outcomes line by line", () => {
  const detail = (part: Partial<BackTestDetail>): BackTestDetail => ({
    old: OLD,
    new: { ...OLD, owner: "Ben Okafor" },
    differences: [
      { label: "Owner", old: "Ana Moreau", new: "Ben Okafor" },
      { label: "Industry", old: null, new: "Software" },
      { label: "Path", old: ["a to b"], new: ["a to c"] },
    ],
    writes: [],
    not_known: [],
    ...part,
  });

  it("marks what differs and tells nothing twice", () => {
    const rows = outcomeRows(detail({}));
    expect(rows.filter(({ differs }) => differs).map(({ label }) => label)).toEqual(["Owner", "Industry"]);
    expect(rows.filter(({ label }) => label === "Owner")).toHaveLength(1);
  });

  it("leaves out what neither knows", () => {
    expect(outcomeRows(detail({})).map(({ label }) => label)).not.toContain("Lists");
  });

  it("does not call a difference what the draft could not be followed to", () => {
    const rows = outcomeRows(
      detail({
        new: { status: "failed", score: 75, path: [] },
        differences: [],
        not_known: [{ step: "enrich", step_title: "Enrich", what: "the answer" }],
      }),
    );
    expect(rows).toContainEqual({ label: "Owner", old: "Ana Moreau", new: "not reached", differs: false });
    expect(rows[0]).toEqual({ label: "Ended", old: "Completed", new: "not known", differs: true });
  });
});

describe("spans", () => {
  const NOW = new Date("2026-11-23T09:12:34Z");

  it("reach back from this minute", () => {
    expect(momentsOf({ kind: "day", from: "", to: "" }, NOW)).toEqual({
      since: "2026-11-22T09:13:00.000Z",
      until: "2026-11-23T09:13:00.000Z",
    });
  });

  it("hold their last day", () => {
    const moments = momentsOf({ kind: "own", from: "2026-11-20", to: "2026-11-20" }, NOW);
    expect(Date.parse(moments?.until ?? "") - Date.parse(moments?.since ?? "")).toBe(86_400_000);
  });

  it("are none when they end before they begin, or hold no day", () => {
    expect(momentsOf({ kind: "own", from: "2026-11-20", to: "2026-11-19" }, NOW)).toBeNull();
    expect(momentsOf({ kind: "own", from: "", to: "2026-11-19" }, NOW)).toBeNull();
  });

  it("begin as the last week", () => {
    expect(usualSpan(NOW)).toEqual({
      kind: "week",
      from: dayOf(new Date("2026-11-16T09:12:34Z")),
      to: dayOf(NOW),
    });
  });
});

describe("what dry runs would write", () => {
  const item = (seq: number, detail: Partial<DryRunDetail>): JobItem<DryRunDetail> => ({
    seq,
    run_id: null,
    subject: `Lead ${seq}`,
    group: "writes",
    detail: { status: "completed", path: [], writes: [], not_known: [], ...detail },
  });
  const score = {
    step: "score",
    step_title: "Score",
    what: "Lead Ada",
    promise: "once",
    changes: [
      { label: "Score", old: null, new: 75 },
      { label: "Grade", old: "B", new: "A" },
    ],
  };
  const call = {
    step: "call",
    step_title: "Tell sales",
    what: "POST https://crm.example",
    promise: "uncertain",
    changes: [],
    request: { a: 1 },
  };
  const ITEMS = [item(0, { writes: [score, call] }), item(1, {})];

  it("is a row per field, a call being a row of its own, and one for who would write nothing", () => {
    const rows = writeRows(ITEMS, "");
    expect(rows.map(({ label, itemRows, writeRows }) => [label, itemRows, writeRows])).toEqual([
      ["Score", 3, 2],
      ["Grade", 0, 0],
      ["", 0, 1],
      ["", 1, 1],
    ]);
    expect(rows.at(-1)?.write).toBeNull();
    expect(new Set(rows.map(({ key }) => key)).size).toBe(rows.length);
  });

  it("can be looked at step by step", () => {
    expect(writingSteps(ITEMS).map(({ id }) => id)).toEqual(["score", "call"]);
    expect(writeRows(ITEMS, "call").map(({ item: { seq }, itemRows }) => [seq, itemRows])).toEqual([[0, 1]]);
  });

  it("goes into a file that spreadsheets read and do not run", () => {
    const wicked = item(2, {
      writes: [
        { ...score, what: '=HYPERLINK("x")', changes: [{ label: "Note", old: "a,b", new: "two\nlines" }] },
      ],
    });
    const lines = writesAsCsv(writeRows([wicked], "")).split("\r\n");
    expect(lines[0]).toBe("About,Outcome,Step,Who or what,Field,Before,After,Promise,Error");
    expect(lines[1]).toBe(
      'Lead 2,completed,Score,"\'=HYPERLINK(""x"")",Note,"a,b","two\nlines",Happens exactly once,',
    );
  });
});
