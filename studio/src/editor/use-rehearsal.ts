/** Keeps the samples before the open step worked out while the document changes. */
import { useEffect, useRef } from "react";
import { api } from "@/api";
import type { StepId } from "@/document/types";
import { useDocument, useEditor, useSaveState, useSession } from "./editor-context";
import { type RehearsalMemory, rehearse } from "./rehearsal";

/** Long enough not to test every letter typed, in milliseconds. */
const QUIET = 350;

export function useRehearsal(id: StepId): void {
  const { workflow, kinds, session } = useEditor();
  const document = useDocument();
  const path = useSession((state) => state.path);
  const seen = useSession((state) => state.outputs.seen);
  const watching = useSession((state) => state.watching !== null);
  const problems = useSaveState((state) => state.problems);
  const memory = useRef<RehearsalMemory>(new Map());
  useEffect(() => {
    if (watching) return;
    let current = true;
    const ask = async () => {
      try {
        const rehearsed = await rehearse(
          { document, kinds, path, id, seen, problems },
          memory.current,
          (step, draft, context) => api.testStep(workflow, step, { document: draft, context }),
        );
        if (current) session.getState().workOut(rehearsed);
      } catch {
        // Only samples are missing then; the server's absence and a refused test are told where they matter.
      }
    };
    const timer = setTimeout(() => void ask(), QUIET);
    return () => {
      current = false;
      clearTimeout(timer);
    };
  }, [workflow, kinds, session, document, path, id, seen, watching, problems]);
}
