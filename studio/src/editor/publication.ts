/** What is live, and how the draft differs from it. */
import { useMemo } from "react";
import { useWorkflow } from "@/api";
import { changesBetween } from "@/document/compare";
import type { WorkflowDocument } from "@/document/types";
import { useDocument, useEditor } from "./editor-context";

interface Publication {
  /** The live version's number; `null` before the first. */
  version: number | null;
  document: WorkflowDocument | null;
  active: boolean;
  /** How the draft differs from the live version, in sentences. */
  changes: readonly string[];
}

export function usePublication(): Publication {
  const { workflow, kinds } = useEditor();
  const draft = useDocument();
  const { data } = useWorkflow(workflow);
  const live = data?.published ?? null;
  const changes = useMemo(() => (live ? changesBetween(live, draft, kinds) : []), [live, draft, kinds]);
  return {
    version: data?.published_version ?? null,
    document: live,
    active: data?.active ?? false,
    changes,
  };
}
