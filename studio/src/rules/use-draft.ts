/** The draft of a rule while it is being edited: shown at once, saved a moment after the last change. */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { type Rule, type RuleDocument, ruleKeys, rulesApi } from "@/api";
import { sayError } from "@/app/say-error";

/** Quiet time before a change is saved, in ms. */
const QUIET = 500;

export interface Draft {
  readonly document: RuleDocument;
  readonly set: (document: RuleDocument) => void;
  /** Whether everything is on the server. */
  readonly saved: boolean;
  /** Saves what is not yet saved, and gives the rule as the server has it. */
  readonly settle: () => Promise<Rule>;
}

export function useDraft(rule: Rule): Draft {
  const client = useQueryClient();
  const [document, setDocument] = useState<RuleDocument>(rule.draft);
  const [saved, setSaved] = useState(true);
  const latest = useRef({ document: rule.draft, rule, dirty: false });
  const timer = useRef<number | undefined>(undefined);
  const running = useRef<Promise<Rule>>(Promise.resolve(rule));

  const save = useCallback((): Promise<Rule> => {
    window.clearTimeout(timer.current);
    running.current = running.current
      .catch(() => latest.current.rule)
      .then(async () => {
        const now = latest.current;
        if (!now.dirty) return now.rule;
        const sent = now.document;
        const answer = await rulesApi.save(now.rule.kind, now.rule.id, {
          base_revision: now.rule.revision,
          draft: sent,
        });
        now.rule = answer;
        now.dirty = now.document !== sent;
        setSaved(!now.dirty);
        client.setQueryData(ruleKeys.rule(answer.kind, answer.id), answer);
        void client.invalidateQueries({ queryKey: ruleKeys.list(answer.kind) });
        return answer;
      });
    return running.current;
  }, [client]);

  const set = useCallback(
    (next: RuleDocument) => {
      latest.current.document = next;
      latest.current.dirty = true;
      setDocument(next);
      setSaved(false);
      window.clearTimeout(timer.current);
      timer.current = window.setTimeout(() => {
        save().catch(sayError("The change was not saved"));
      }, QUIET);
    },
    [save],
  );

  // Leaving the page saves what is not saved yet.
  useEffect(() => () => void save().catch(() => undefined), [save]);
  // A version that was published elsewhere on the page belongs to the rule that is edited here.
  useEffect(() => {
    if (rule.revision >= latest.current.rule.revision) latest.current.rule = rule;
  }, [rule]);
  return { document, set, saved, settle: save };
}
