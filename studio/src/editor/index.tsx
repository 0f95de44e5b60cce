/** The page that builds a workflow. Loaded when first opened: it brings the canvas and the forms along. */
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { api, keys, UnreachableError, useStepKinds, type Workflow, whenReachable } from "@/api";
import { Page, WorkflowTabs } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { loadFieldEditors } from "@/forms";
import { Loading, Skeleton } from "@/ui";
import { Editor } from "./editor";

export default function EditorPage({ id }: { id: string }) {
  const { workflow, error: unread, again } = useWorkflowAsItIs(id);
  const kinds = useStepKinds();
  useEffect(() => {
    // What fails now is loaded when a field asks for it.
    loadFieldEditors().catch(() => undefined);
  }, []);
  if (workflow && kinds.data) return <Editor key={id} workflow={workflow} kinds={kinds.data} />;
  const error = unread ?? kinds.error;
  return (
    <Page
      title="Build"
      crumbs={[{ label: "Workflows", to: "/workflows" }]}
      centre={<WorkflowTabs id={id} current="build" />}
      fill
    >
      {error ? (
        <div className="m-auto">
          <QueryError
            error={error}
            onRetry={() => {
              again();
              void kinds.refetch();
            }}
          />
        </div>
      ) : (
        <Loading label="Opening the workflow" className="flex flex-1 flex-col items-center gap-12 pt-9">
          {[0, 1, 2, 3, 4].map((row) => (
            <Skeleton key={row} className="h-14 w-56" />
          ))}
        </Loading>
      )}
    </Page>
  );
}

/**
 * Reads the workflow once, past every cache: one kept from an earlier visit may be older than the last save, and
 * later reads must not replace what is being edited.
 */
function useWorkflowAsItIs(id: string) {
  const client = useQueryClient();
  const [read, setRead] = useState<{ workflow: Workflow | null; error: unknown }>({
    workflow: null,
    error: null,
  });
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt reads again
  useEffect(() => {
    const leaving = new AbortController();
    const open = async (): Promise<void> => {
      await whenReachable();
      try {
        const workflow = await api.workflow(id, leaving.signal);
        client.setQueryData(keys.workflow(id), workflow);
        if (!leaving.signal.aborted) setRead({ workflow, error: null });
      } catch (error) {
        if (leaving.signal.aborted) return;
        if (error instanceof UnreachableError) return open();
        setRead({ workflow: null, error });
      }
    };
    void open();
    return () => leaving.abort();
  }, [client, id, attempt]);
  const current = read.workflow && read.workflow.id !== id ? { workflow: null, error: null } : read;
  return { ...current, again: () => setAttempt((count) => count + 1) };
}
