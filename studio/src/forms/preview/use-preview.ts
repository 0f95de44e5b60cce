/** The live value of a template, asked of the server: a moment after typing stops, and once per text and sample. */
import { useEffect, useRef, useState } from "react";
import { api, type Preview } from "@/api";
import type { DataContext } from "@/document/available-data";

import { useFormScope } from "../scope";

/** Long enough that a word being typed asks once, short enough to feel live. */
const DEBOUNCE_MS = 120;
/** Per sample; a form rarely holds a tenth of that. */
const KEPT = 500;

export type PreviewState =
  | { readonly status: "none" }
  | { readonly status: "asking"; readonly preview: Preview | null }
  | { readonly status: "ready"; readonly preview: Preview }
  | { readonly status: "failed" };

const answers = new WeakMap<DataContext, Map<string, Preview>>();

function answersFor(context: DataContext): Map<string, Preview> {
  const known = answers.get(context) ?? new Map<string, Preview>();
  answers.set(context, known);
  return known;
}

/** Follows a template; the last value stays in sight while the next is asked for. */
export function usePreview(template: string): PreviewState {
  const { context, document } = useFormScope();
  const [state, setState] = useState<PreviewState>({ status: "none" });
  const doc = useRef(document);
  doc.current = document;

  useEffect(() => {
    if (!/\{[{%]/.test(template)) {
      setState({ status: "none" });
      return;
    }
    const known = answersFor(context);
    const answer = known.get(template);
    if (answer) {
      setState({ status: "ready", preview: answer });
      return;
    }
    setState((before) => ({ status: "asking", preview: before.status === "ready" ? before.preview : null }));
    const cancel = new AbortController();
    const timer = setTimeout(async () => {
      try {
        const preview = await api.previewExpression(
          { template, context, document: doc.current },
          cancel.signal,
        );
        if (known.size >= KEPT) known.clear();
        known.set(template, preview);
        if (!cancel.signal.aborted) setState({ status: "ready", preview });
      } catch {
        if (!cancel.signal.aborted) setState({ status: "failed" });
      }
    }, DEBOUNCE_MS);
    return () => {
      clearTimeout(timer);
      cancel.abort();
    };
  }, [template, context]);

  return state;
}
