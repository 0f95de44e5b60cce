/** Finding kinds of steps by what people call them. */
import type { Category, StepKind, StepKinds } from "@/document/types";

export const CATEGORY_TITLES: Record<Category, string> = {
  trigger: "Triggers",
  logic: "Logic",
  data: "Data",
  lead: "Leads",
  connect: "Connections",
  code: "Code",
};

const ORDER: readonly Category[] = ["trigger", "lead", "logic", "data", "connect", "code"];

interface PaletteGroup {
  category: Category;
  kinds: StepKind[];
}

/** Groups in the order asked for; with a query, the group with the best match comes first. */
export function searchKinds(
  kinds: StepKinds,
  query: string,
  categories: readonly Category[],
): PaletteGroup[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const found = Object.values(kinds)
    .filter((kind) => categories.includes(kind.category))
    .map((kind) => ({ kind, rank: rankOf(kind, words) }))
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => b.rank - a.rank || a.kind.title.localeCompare(b.kind.title));
  const groups = categories
    .map((category) => ({
      category,
      best: Math.max(0, ...found.filter(({ kind }) => kind.category === category).map(({ rank }) => rank)),
      kinds: found.filter(({ kind }) => kind.category === category).map(({ kind }) => kind),
    }))
    .filter((group) => group.kinds.length > 0);
  if (words.length > 0) groups.sort((a, b) => b.best - a.best);
  return groups.map(({ category, kinds: members }) => ({ category, kinds: members }));
}

export function allowedCategories(kinds: StepKinds, inBody: boolean, first: boolean): Category[] {
  const present = ORDER.filter((category) => Object.values(kinds).some((kind) => kind.category === category));
  if (inBody) return present.filter((category) => category !== "trigger");
  return first ? present : [...present.filter((category) => category !== "trigger"), "trigger"];
}

/** 0 when a word occurs nowhere; more for the title than for keywords, more for its beginning. */
function rankOf(kind: StepKind, words: readonly string[]): number {
  let total = 1;
  for (const word of words) {
    const rank = rankOfWord(kind, word);
    if (rank === 0) return 0;
    total += rank;
  }
  return total;
}

function rankOfWord(kind: StepKind, word: string): number {
  const title = kind.title.toLowerCase();
  if (title.startsWith(word)) return 16;
  if (title.split(/\W+/).some((part) => part.startsWith(word))) return 8;
  if (kind.keywords.some((keyword) => keyword.toLowerCase().startsWith(word))) return 6;
  if (title.includes(word)) return 4;
  if (CATEGORY_TITLES[kind.category].toLowerCase().startsWith(word)) return 3;
  return kind.summary.toLowerCase().includes(word) ? 1 : 0;
}
