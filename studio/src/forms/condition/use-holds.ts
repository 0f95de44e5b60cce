/**
 * Whether conditions hold for the sample, as the engine sees it. Each is asked as an `if` step of its own through the
 * step test, so that the studio never has a second opinion about what an operator means.
 */
import { useEffect, useState } from "react";
import { api } from "@/api";
import type { DataContext } from "@/document/available-data";
import type { WorkflowDocument } from "@/document/types";
import { useFormScope } from "../scope";
import type { Condition } from "./model";

/** `null` while unknown: still asked, unfinished, or not answerable. */
export type Holds = boolean | null;

const DEBOUNCE_MS = 150;
const PROBE = "probe";
/** An expression that reads the item at hand. */
const ITEM = /\{\{[^}]*\bitem\b/;
const answers = new WeakMap<DataContext, Map<string, Holds>>();

/** The answer for one condition; pass `null` to ask nothing. */
export function useHolds(condition: Condition | null): Holds {
  const { workflowId, context } = useFormScope();
  const asked = condition && isComplete(condition) ? JSON.stringify(condition) : null;
  // Of what comes out of steps that have not run yet nothing can be said.
  const text = asked !== null && context.item === undefined && ITEM.test(asked) ? null : asked;
  const [state, setState] = useState<{ text: string | null; holds: Holds }>({ text: null, holds: null });

  useEffect(() => {
    if (text === null) return;
    const known = answers.get(context) ?? new Map<string, Holds>();
    answers.set(context, known);
    const answer = known.get(text);
    if (answer !== undefined) {
      setState({ text, holds: answer });
      return;
    }
    const cancel = new AbortController();
    const timer = setTimeout(async () => {
      const holds = await ask(workflowId, text, context, cancel.signal).catch(() => null);
      if (cancel.signal.aborted) return;
      known.set(text, holds);
      setState({ text, holds });
    }, DEBOUNCE_MS);
    return () => {
      clearTimeout(timer);
      cancel.abort();
    };
  }, [workflowId, text, context]);

  return state.text === text ? state.holds : null;
}

async function ask(
  workflowId: string,
  condition: string,
  context: DataContext,
  signal: AbortSignal,
): Promise<Holds> {
  const document: WorkflowDocument = {
    format: 1,
    name: "Condition",
    steps: {
      [PROBE]: { kind: "if", title: "Condition", config: { condition: JSON.parse(condition) as unknown } },
    },
    edges: [],
  };
  const test = await api.testStep(workflowId, PROBE, { document, context }, signal);
  if (test.status === "failed") return null;
  return test.port === "yes" ? true : test.port === "no" ? false : null;
}

/** A comparison without a field has no answer worth asking for. */
function isComplete(condition: Condition): boolean {
  if ("all" in condition) return condition.all.length > 0 && condition.all.every(isComplete);
  if ("any" in condition) return condition.any.length > 0 && condition.any.every(isComplete);
  return condition.field.trim() !== "";
}
