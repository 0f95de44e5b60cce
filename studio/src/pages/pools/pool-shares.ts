/** Share of the leads each active member gets by weight, from 0 to 1, in the order given; 0 for the inactive. */
export function sharesOf(members: readonly { weight: number; active: boolean }[]): number[] {
  const total = members.reduce((sum, member) => sum + (member.active ? member.weight : 0), 0);
  return members.map((member) => (member.active && total > 0 ? member.weight / total : 0));
}

/** "43%"; "under 1%" rather than a zero that is none. */
export function shareWords(share: number): string {
  if (share <= 0) return "0%";
  const percent = Math.round(share * 100);
  return percent === 0 ? "under 1%" : `${percent}%`;
}
