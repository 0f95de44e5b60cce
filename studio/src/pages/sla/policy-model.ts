/** A policy as people begin with it. */
import type { SlaPolicy, SlaTarget } from "@/api";

export function newPolicy(): SlaPolicy {
  return {
    description: "",
    rank: 0,
    when: [],
    accept: { within: 60, warn_before: 15 },
    respond: { within: 240, warn_before: 60 },
    around_the_clock: false,
    remind_every: 30,
    reminders: 3,
    on_breach: { reassign: { to: "next_in_pool" }, at_most: 2 },
  };
}

/** The target with `within` minutes; its warning stays before it. Nothing for 0. */
export function targetOf(within: number, warnBefore: number): SlaTarget | undefined {
  if (within <= 0) return undefined;
  return { within, warn_before: Math.min(Math.max(0, warnBefore), within - 1) };
}
