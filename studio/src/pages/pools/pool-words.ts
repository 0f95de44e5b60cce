/** How the rules of a pool read. */
import type { Cap, PoolRules } from "@/api";

export const TURN_WORDS: Record<PoolRules["turns"], string> = {
  by_weight: "By weight: weight 2 gets twice as many as weight 1",
  in_order: "In order: whoever had no lead for the longest",
  fewest_open: "Fewest open: whoever has the fewest open leads",
};

const PERIODS: Record<Cap["per"], string> = { day: "a day", week: "a week", open: "open at a time" };

/** "5 leads a day", "1 lead a week where company size is 1000+". */
export function capInWords({ limit, per, when }: Cap): string {
  const asked = when.map(({ field, is }) => `${field.replaceAll("_", " ")} is ${is}`).join(" and ");
  return `${limit} ${limit === 1 ? "lead" : "leads"} ${PERIODS[per]}${asked ? ` where ${asked}` : ""}`;
}

/** The rules as sentences, in the order in which a turn asks them. */
export function rulesInWords(rules: PoolRules): string[] {
  const sentences = [`${TURN_WORDS[rules.turns]}.`];
  if (rules.only_at_work) {
    sentences.push(
      rules.anyway_when_closed
        ? "Only members who are at work get leads; when nobody is, everybody does."
        : "Only members who are at work get leads; when nobody is, the fallback does.",
    );
  }
  if (rules.only_at_work || rules.caps.length > 0) {
    sentences.push(
      rules.make_up === 0
        ? "A turn that somebody could not take is lost."
        : `Turns that somebody could not take are made up later, ${rules.make_up} at most.`,
    );
  }
  for (const cap of rules.caps) sentences.push(`Each member gets at most ${capInWords(cap)}.`);
  if (rules.open_until) sentences.push(`Leads are open until they reach ${rules.open_until}.`);
  sentences.push(
    rules.fallback
      ? `A lead that no member can take goes to ${rules.fallback}.`
      : "A lead that no member can take goes to the fallback of the table or of the step.",
  );
  return sentences;
}
