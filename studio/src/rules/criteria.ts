/**
 * Rules about leads as people build them: what they are made of, and pure edits. Whether one holds, and how it reads,
 * is the server's to say.
 */
import { asCondition, type Comparison, EMPTY_COMPARISON, isGroup } from "@/forms/condition/model";

/** Something a lead did, or did not do. */
export interface Did {
  readonly did?: string;
  readonly did_not?: string;
  readonly named?: string;
  readonly within_days?: number;
  readonly at_least?: number;
}

export interface Group {
  readonly kind: "all" | "any";
  readonly members: readonly Criteria[];
}

export type Test =
  | { readonly type: "field"; readonly test: Comparison }
  | { readonly type: "did"; readonly test: Did };
export type Criteria = Test | { readonly type: "group"; readonly group: Group };

/** Activities that rules can ask for, in words after "the lead". */
export const ACTIVITIES: readonly {
  readonly value: string;
  readonly label: string;
  readonly named: string;
}[] = [
  { value: "touched", label: "did something", named: "a page_view, form, email_opened …" },
  { value: "listed", label: "was put on a list", named: "Added to Nurture" },
  { value: "unlisted", label: "was taken off a list", named: "Removed from Nurture" },
  { value: "created", label: "was created", named: "Created from Webinar" },
  { value: "updated", label: "was updated", named: "" },
  { value: "enriched", label: "was enriched", named: "" },
  { value: "imported", label: "came with a file", named: "" },
  { value: "assigned", label: "got an owner", named: "Assigned to Ana Moreau" },
  { value: "stage_changed", label: "changed its stage", named: "Stage changed to MQL" },
  { value: "scored", label: "was scored", named: "" },
];

/** Activities that follow from a score, so that a score cannot ask for them. */
const AFTER_SCORE = new Set(["scored", "stage_changed"]);

export function activitiesFor(kind: "score" | "any") {
  return kind === "any" ? ACTIVITIES : ACTIVITIES.filter(({ value }) => !AFTER_SCORE.has(value));
}

export const EMPTY_FIELD: Test = { type: "field", test: EMPTY_COMPARISON };
export const EMPTY_DID: Test = { type: "did", test: { did: "touched", within_days: 30 } };

/** Reads whatever the document holds; a stray value becomes an empty group. */
export function readCriteria(value: unknown): Criteria {
  const record = value !== null && typeof value === "object" ? (value as Record<string, unknown>) : {};
  for (const kind of ["all", "any"] as const) {
    const members = record[kind];
    if (Array.isArray(members)) return { type: "group", group: { kind, members: members.map(readCriteria) } };
  }
  if ("did" in record || "did_not" in record) return { type: "did", test: record as Did };
  const condition = asCondition(value);
  return isGroup(condition)
    ? { type: "group", group: { kind: "all", members: [] } }
    : { type: "field", test: condition };
}

/** The criteria as the document holds them. */
export function writeCriteria(criteria: Criteria): unknown {
  if (criteria.type !== "group") return criteria.test;
  return { [criteria.group.kind]: criteria.group.members.map(writeCriteria) };
}

/** As a group, so that more can be added; a lone test is wrapped. */
export function asGroup(criteria: Criteria): Group {
  return criteria.type === "group" ? criteria.group : { kind: "all", members: [criteria] };
}

/** The activity a test asks for. */
export function activityOf({ did, did_not }: Did): string {
  return did ?? did_not ?? "touched";
}

/** The same test for another activity, or for leads that did not. */
export function withActivity(test: Did, activity: string, not: boolean): Did {
  const { did: _did, did_not: _didNot, ...rest } = test;
  return not ? { ...rest, did_not: activity } : { ...rest, did: activity };
}

/** Without settings that say nothing. */
export function trimmed(test: Did): Did {
  return Object.fromEntries(
    Object.entries(test).filter(([, value]) => value !== undefined && value !== ""),
  ) as Did;
}
