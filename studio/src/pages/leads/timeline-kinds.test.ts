import { expect, test } from "vitest";
import type { Activity } from "@/api";
import { entriesOf, partsOf, TIMELINE_PARTS } from "./timeline-kinds";

const entry = (id: string, kind: Activity["kind"]) => ({ id, kind, at: "", title: "" }) as Activity;

test("entries are told apart by part, and no kind is in two", () => {
  const all = [entry("1", "created"), entry("2", "touched"), entry("3", "assigned"), entry("4", "updated")];
  expect(partsOf(all).map(({ value, count }) => [value, count])).toEqual([
    ["touches", 1],
    ["owner", 1],
    ["record", 2],
  ]);
  expect(entriesOf("record", all).map(({ id }) => id)).toEqual(["1", "4"]);
  expect(entriesOf("", all)).toHaveLength(4);
  const kinds = TIMELINE_PARTS.flatMap((part) => part.kinds);
  expect(new Set(kinds).size).toBe(kinds.length);
});
