/** The draft of a rulebook while it is being edited: shown at once, saved a moment after the last change. */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { type Rulebook, rulebooks } from "@/api";
import { sayError } from "@/app/say-error";

/** Quiet time before a change is saved, in ms. */
const QUIET = 500;

export interface RulebookDraft<Draft> {
  readonly draft: Draft;
  readonly set: (draft: Draft) => void;
  /** Whether everything is on the server; what it says of the draft is about this one then. */
  readonly saved: boolean;
  /** Saves what is not yet saved, and gives the rulebook as the server has it. */
  readonly settle: () => Promise<Rulebook<Draft>>;
}

export function useRulebookDraft<Draft>(book: Rulebook<Draft>): RulebookDraft<Draft> {
  const client = useQueryClient();
  const [draft, setDraft] = useState(book.draft);
  const [saved, setSaved] = useState(true);
  const latest = useRef({ draft: book.draft, book, dirty: false });
  const timer = useRef<number | undefined>(undefined);
  const running = useRef<Promise<Rulebook<Draft>>>(Promise.resolve(book));

  const settle = useCallback((): Promise<Rulebook<Draft>> => {
    window.clearTimeout(timer.current);
    running.current = running.current
      .catch(() => latest.current.book)
      .then(async () => {
        const now = latest.current;
        if (!now.dirty) return now.book;
        const sent = now.draft;
        const answer = await rulebooks.save(now.book.kind, now.book.id, now.book.revision, sent);
        now.book = answer;
        now.dirty = now.draft !== sent;
        setSaved(!now.dirty);
        client.setQueryData(rulebooks.oneKey(answer.kind, answer.id), answer);
        void client.invalidateQueries({ queryKey: rulebooks.listKey(answer.kind), exact: true });
        return answer;
      });
    return running.current;
  }, [client]);

  const set = useCallback(
    (next: Draft) => {
      latest.current.draft = next;
      latest.current.dirty = true;
      setDraft(next);
      setSaved(false);
      window.clearTimeout(timer.current);
      timer.current = window.setTimeout(() => {
        settle().catch(sayError("The change was not saved"));
      }, QUIET);
    },
    [settle],
  );

  // Leaving the page saves what is not saved yet.
  useEffect(() => () => void settle().catch(() => undefined), [settle]);
  // A version that was published elsewhere on the page belongs to the rulebook that is edited here.
  useEffect(() => {
    if (book.revision >= latest.current.book.revision) latest.current.book = book;
  }, [book]);
  return { draft, set, saved, settle };
}
