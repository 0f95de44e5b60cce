/** What the steps inside a step are for, in words. Which kinds hold steps, and what for, the descriptor says. */
import { ordinal } from "@/forms/data/available";
import type { BodyRule, Step, StepKinds } from "./types";

interface BodyWords {
  /** On the chip at the top of the body. */
  readonly start: string;
  /** On the button that opens it. */
  readonly open: string;
  /** "3 items". */
  readonly one: string;
  readonly many: string;
  /** What `item` and `index` stand for inside; null where there are none. */
  readonly item: string | null;
  readonly index: string | null;
}

export const BODY_WORDS: Readonly<Record<BodyRule, BodyWords>> = {
  per_item: {
    start: "for each item",
    open: "Open what happens to each item",
    one: "item",
    many: "items",
    item: "Item",
    index: "Position",
  },
  per_round: {
    start: "each round",
    open: "Open what happens each round",
    one: "round",
    many: "rounds",
    item: "Result of the round before",
    index: "Number of the round",
  },
  once: {
    start: "try this",
    open: "Open what is tried",
    one: "try",
    many: "tries",
    item: null,
    index: null,
  },
};

/** The rule of a step that holds steps; a kind this server does not know is read as a loop. */
export function bodyRuleOf(step: Pick<Step, "kind"> | undefined, kinds: StepKinds): BodyRule {
  return (step && kinds[step.kind]?.body) ?? "per_item";
}

/** "3rd item", "2nd round"; empty where there is only one. Rounds count from 0. */
export function roundInWords(at: number, rule: BodyRule): string {
  return rule === "once" ? "" : `${ordinal(at + 1)} ${BODY_WORDS[rule].one}`;
}

/** "1 item", "12 rounds". */
export function roundsInWords(count: number, rule: BodyRule): string {
  const { one, many } = BODY_WORDS[rule];
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
