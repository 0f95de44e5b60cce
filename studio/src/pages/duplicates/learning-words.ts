/** What is said about learning from answers. */
import type { DuplicateLearning } from "@/api";

/** Whether there are answers enough, how many are missing, and what came of them. */
export function enoughAnswers(learning: DuplicateLearning): string {
  const { merged, different, fewest, fewest_of_each } = learning;
  const missing = fewest - merged - different;
  if (missing > 0) {
    return `Nothing is learned from fewer than ${fewest} answers: ${missing} more to go.`;
  }
  if (merged < fewest_of_each || different < fewest_of_each) {
    const sort = merged < fewest_of_each ? "merges" : "pairs that are not the same";
    const more = fewest_of_each - Math.min(merged, different);
    return `Nothing is learned without ${fewest_of_each} ${sort}: ${more} more to go.`;
  }
  if (learning.is_on && learning.taught === null) {
    return "The weights foretell these answers as well as anything learned from them: they stay as they are.";
  }
  return learning.is_on ? "Every search learns from them." : "That is enough to learn from.";
}

/** "98 %". */
export const share = (part: number) => `${Math.round(part * 100)} %`;

/** "+1.3" and "−0.4". */
export const signed = (bits: number) => `${bits < 0 ? "−" : "+"}${Math.abs(bits).toFixed(1)}`;
