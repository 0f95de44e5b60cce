/** What became of each moment a workflow's schedules named, and what is to come. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { ask } from "./ask";
import { whenReachable } from "./connection";
import type { StepId } from "./types";

export type TickOutcome = "ran" | "skipped" | "missed" | "queued" | "planned";

export interface ScheduleTick {
  /** RFC 3339, UTC. */
  at: string;
  /** The same moment on the schedule's clock, "08:00". */
  local: string;
  /** The trigger. */
  step: StepId;
  outcome: TickOutcome;
  run_id?: string | null;
}

export interface ScheduleDay {
  /** "2026-11-23". */
  date: string;
  /** In order; of a busy day only the first. */
  ticks: ScheduleTick[];
  /** How many more there are. */
  more?: number;
}

export interface ScheduleMonth {
  timezone: string;
  days: ScheduleDay[];
}

/** One month, "2026-11". Read anew now and then while it is looked at, because planned moments come to pass. */
export const useScheduleMonth = (workflow: string, month: string) =>
  useQuery({
    queryKey: ["workflow", "one", workflow, "schedule", month] as const,
    queryFn: async ({ signal }) => {
      await whenReachable();
      return ask<ScheduleMonth>("GET", "/workflows/{id}/schedule", {
        path: { id: workflow },
        query: { month },
        signal,
      });
    },
    placeholderData: keepPreviousData,
    refetchInterval: 30_000,
  });
