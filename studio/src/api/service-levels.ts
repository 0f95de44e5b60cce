/** Clocks of service levels: of all leads, and of one. */
import { useQuery } from "@tanstack/react-query";
import { ask } from "./ask";
import { whenReachable } from "./connection";

export type ClockState = "running" | "paused" | "warned" | "breached" | "met" | "late" | "stopped";

export interface SlaClock {
  id: string;
  lead_id: string;
  /** The name of the lead. */
  lead: string;
  /** The pool it came from. */
  pool: string | null;
  owner_id: string;
  owner_name: string;
  kind: "accept" | "respond";
  policy: string;
  version: number;
  state: ClockState;
  started_at: string;
  warn_at: string | null;
  due_at: string | null;
  ended_at: string | null;
  within: number;
  seconds_left: number | null;
  seconds_worked: number;
  resumes_at: string | null;
  reminded: number;
  handed_on: number;
}

export interface SlaForecast {
  running: number;
  at_risk: number;
  breached: number;
  due_today: number;
  expected_today: number;
  by_hour: { hour: string; due: number }[];
  by_owner: { owner_id: string; name: string; due: number; at_risk: number; breached: number }[];
}

export interface SlaOverview {
  now: string;
  clocks: SlaClock[];
  forecast: SlaForecast;
}

/** How often open clocks are looked at again, in ms: they run while nobody does anything. */
const PERIOD = 15_000;

export const serviceLevels = {
  overviewKey: ["sla", "overview"] as const,
  clocksKey: (lead: string) => ["sla", "lead", lead] as const,
  accept: (id: string) => ask<{ items: SlaClock[] }>("POST", "/leads/{id}/accept", { path: { id } }),
};

export function useSlaOverview() {
  return useQuery({
    queryKey: serviceLevels.overviewKey,
    queryFn: async ({ signal }) => {
      await whenReachable();
      return ask<SlaOverview>("GET", "/sla", { signal });
    },
    refetchInterval: PERIOD,
  });
}

export function useLeadClocks(lead: string) {
  return useQuery({
    queryKey: serviceLevels.clocksKey(lead),
    queryFn: async ({ signal }) => {
      await whenReachable();
      return ask<{ items: SlaClock[] }>("GET", "/leads/{id}/clocks", { path: { id: lead }, signal });
    },
    refetchInterval: PERIOD,
  });
}
