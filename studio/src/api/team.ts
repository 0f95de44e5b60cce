/** Owners with their hours, pools with their rules, and counters that people put right. */
import { useQuery } from "@tanstack/react-query";
import { ask } from "./ask";
import { whenReachable } from "./connection";
import { keys } from "./queries";
import type { Criterion } from "./routing";

export const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Day = (typeof DAYS)[number];

/** Wall times, as `09:00`; `24:00` is the end of the day. */
export interface WorkSpan {
  opens: string;
  closes: string;
}

export type WorkWeek = Record<Day, WorkSpan[]>;

/** Both ends included, as `2026-12-24`. */
export interface DaysOff {
  from: string;
  to: string;
  why: string;
}

export interface Work {
  /** An IANA name. */
  zone: string;
  week: WorkWeek;
  calendar?: string;
  days_off: DaysOff[];
  capacity?: number;
  team?: string;
}

export interface TeamOwner {
  id: string;
  name: string;
  email: string;
  /** Missing for somebody who is always at work. */
  work?: Work;
}

export interface Calendar {
  description: string;
  days: DaysOff[];
}

export interface Cap {
  id: string;
  limit: number;
  per: "day" | "week" | "open";
  when: Criterion[];
}

export interface PoolRules {
  turns: "by_weight" | "in_order" | "fewest_open";
  only_at_work: boolean;
  anyway_when_closed: boolean;
  make_up: number;
  caps: Cap[];
  open_until?: string;
  fallback?: string;
}

export interface TeamMember {
  owner_id: string;
  owner_name: string;
  weight: number;
  assigned: number;
  active: boolean;
  credit: number;
  at_work: boolean;
  caps: { cap: string; count: number; limit: number; window: string }[];
}

export interface TeamPool {
  id: string;
  name: string;
  members: TeamMember[];
  rules: PoolRules;
}

export interface Adjustment {
  id: string;
  owner_id: string;
  owner_name: string;
  at: string;
  by: string;
  why: string;
  change: string;
}

export interface Adjust {
  owner_id: string;
  assigned?: number;
  credit?: number;
  clear_caps: boolean;
  why: string;
}

const adjustmentsKey = (pool: string) => [...keys.pools, pool, "adjustments"] as const;

export const team = {
  adjustmentsKey,
  addOwner: (owner: Omit<TeamOwner, "id">) => ask<TeamOwner>("POST", "/owners", { body: owner }),
  changeOwner: ({ id, ...owner }: TeamOwner) =>
    ask<TeamOwner>("PUT", "/owners/{id}", { path: { id }, body: owner }),
  changePool: ({ id, name, rules, members }: TeamPool) =>
    ask<TeamPool>("PUT", "/pools/{id}", {
      path: { id },
      body: {
        name,
        rules,
        members: members.map(({ owner_id, weight, active }) => ({ owner_id, weight, active })),
      },
    }),
  adjust: (pool: string, adjust: Adjust) =>
    ask<Adjustment>("POST", "/pools/{id}/adjustments", { path: { id: pool }, body: adjust }),
};

/** How often counters are looked at again, in ms: workflows move them. */
const PERIOD = 10_000;

export function useTeamOwners() {
  return useQuery({
    queryKey: [...keys.owners, "team"],
    queryFn: async ({ signal }) => {
      await whenReachable();
      return (await ask<{ items: TeamOwner[] }>("GET", "/owners", { signal })).items;
    },
  });
}

export function useTeamPools() {
  return useQuery({
    queryKey: [...keys.pools, "team"],
    queryFn: async ({ signal }) => {
      await whenReachable();
      return (await ask<{ items: TeamPool[] }>("GET", "/pools", { signal })).items;
    },
    refetchInterval: PERIOD,
  });
}

export function useAdjustments(pool: string) {
  return useQuery({
    queryKey: adjustmentsKey(pool),
    queryFn: async ({ signal }) => {
      await whenReachable();
      const asked = { path: { id: pool }, signal };
      return (await ask<{ items: Adjustment[] }>("GET", "/pools/{id}/adjustments", asked)).items;
    },
  });
}
