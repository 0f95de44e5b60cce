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

type Reassign = SlaPolicy["on_breach"]["reassign"];

/** Who gets a breached lead, as one word of a list to choose from. */
export const wordOf = (reassign: Reassign) =>
  "name" in reassign ? `${reassign.to}:${reassign.name}` : reassign.to;

/** What such a word stands for. */
export function reassignOf(word: string): Reassign {
  for (const to of ["pool", "team"] as const) {
    if (word.startsWith(`${to}:`)) return { to, name: word.slice(to.length + 1) };
  }
  return word === "next_in_pool" || word === "same_team" ? { to: word } : { to: "nobody" };
}

/** Who can get a breached lead. */
export function heirs(pools: { name: string }[], owners: { work?: { team?: string | null } | null }[]) {
  const teams = [...new Set(owners.flatMap(({ work }) => (work?.team ? [work.team] : [])))].sort();
  return [
    { value: "nobody", label: "Nobody; it stays" },
    { value: "next_in_pool", label: "The next in its pool" },
    ...pools.map(({ name }) => ({ value: `pool:${name}`, label: `The next in the pool ${name}` })),
    { value: "same_team", label: "Somebody else in the owner’s team" },
    ...teams.map((name) => ({ value: `team:${name}`, label: `The next in the team ${name}` })),
  ];
}
