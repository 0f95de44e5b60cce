/** The timeline in parts that people look for: which kinds of entries belong together. */
import type { Activity } from "@/api";

type Kind = Activity["kind"];

export interface TimelinePart {
  value: string;
  label: string;
  kinds: readonly Kind[];
}

export const TIMELINE_PARTS: readonly TimelinePart[] = [
  { value: "touches", label: "Touches", kinds: ["touched", "suppressed", "consent_changed"] },
  {
    value: "owner",
    label: "Owner",
    kinds: ["assigned", "sla_started", "sla_warned", "sla_breached", "sla_met"],
  },
  { value: "stage", label: "Stage and score", kinds: ["stage_changed", "scored"] },
  {
    value: "record",
    label: "Record",
    kinds: ["created", "updated", "enriched", "imported", "merged", "unmerged"],
  },
  {
    value: "groups",
    label: "Account, lists, segments",
    kinds: ["matched", "listed", "unlisted", "segment_entered", "segment_left"],
  },
];

/** The parts that these entries have, each with how many. */
export function partsOf(activities: readonly Activity[]): (TimelinePart & { count: number })[] {
  return TIMELINE_PARTS.map((part) => ({
    ...part,
    count: activities.filter(({ kind }) => part.kinds.includes(kind)).length,
  })).filter(({ count }) => count > 0);
}

/** The entries of a part; all of them without one. */
export function entriesOf(part: string, activities: readonly Activity[]): readonly Activity[] {
  const chosen = TIMELINE_PARTS.find(({ value }) => value === part);
  return chosen ? activities.filter(({ kind }) => chosen.kinds.includes(kind)) : activities;
}
