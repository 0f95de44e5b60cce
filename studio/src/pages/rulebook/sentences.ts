/** How two versions of a document differ: the sentences that one has and the other has not. */

export interface SentenceChanges {
  added: string[];
  removed: string[];
}

/** What `after` says that `before` did not, and the other way round; a sentence said twice counts twice. */
export function sentenceChanges(before: readonly string[], after: readonly string[]): SentenceChanges {
  return { added: without(after, before), removed: without(before, after) };
}

function without(of: readonly string[], taken: readonly string[]): string[] {
  const left = [...taken];
  return of.filter((sentence) => {
    const at = left.indexOf(sentence);
    if (at < 0) return true;
    left.splice(at, 1);
    return false;
  });
}
