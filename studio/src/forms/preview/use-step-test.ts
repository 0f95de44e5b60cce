/** What the step being set up gives with the sample, tried by the server a moment after each change. */
import { useEffect, useState } from "react";
import { api, type StepTest } from "@/api";
import { useFormScope } from "../scope";

/** Longer than an expression's: a step test renders every field. */
const DEBOUNCE_MS = 250;

/** The last answer stays while a new one is on its way; `null` before the first, or when none can be had. */
export function useStepTest(): { readonly test: StepTest | null; readonly asking: boolean } {
  const { workflowId, stepId, document, context } = useFormScope();
  const [state, setState] = useState<{ test: StepTest | null; asking: boolean }>({
    test: null,
    asking: true,
  });

  useEffect(() => {
    const cancel = new AbortController();
    setState((before) => ({ ...before, asking: true }));
    const timer = setTimeout(async () => {
      const test = await api
        .testStep(workflowId, stepId, { document, context }, cancel.signal)
        .catch(() => null);
      if (!cancel.signal.aborted) setState((before) => ({ test: test ?? before.test, asking: false }));
    }, DEBOUNCE_MS);
    return () => {
      clearTimeout(timer);
      cancel.abort();
    };
  }, [workflowId, stepId, document, context]);

  return state;
}
