import type { SentenceChanges } from "./sentences";

/** What a version says that the one before did not, and what it no longer says. */
export function ChangesList({ added, removed }: SentenceChanges) {
  return (
    <ul className="space-y-0.5">
      {removed.map((sentence, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two rows may say the same
        <li key={`-${place}`} className="flex gap-2 text-bad">
          <span aria-hidden>−</span>
          <span>
            <span className="visually-hidden">No longer: </span>
            {sentence}
          </span>
        </li>
      ))}
      {added.map((sentence, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: two rows may say the same
        <li key={`+${place}`} className="flex gap-2 text-ok">
          <span aria-hidden>+</span>
          <span>
            <span className="visually-hidden">New: </span>
            {sentence}
          </span>
        </li>
      ))}
    </ul>
  );
}
