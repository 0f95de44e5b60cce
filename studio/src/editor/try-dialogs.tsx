/** The ways of trying the draft before it is live, opened from the bar; each a chunk loaded when first opened. */
import { lazy, Suspense, useCallback } from "react";
import { whenServed } from "@/api";
import { useDocument, useEditor, useSaveState } from "./editor-context";
import { usePublication } from "./publication";

const BackTestDialog = lazy(() =>
  whenServed(() => import("@/try/back-test-dialog")).then((part) => ({ default: part.BackTestDialog })),
);
const DryRunDialog = lazy(() =>
  whenServed(() => import("@/try/dry-run-dialog")).then((part) => ({ default: part.DryRunDialog })),
);
const TestsDialog = lazy(() =>
  whenServed(() => import("@/try/tests-dialog")).then((part) => ({ default: part.TestsDialog })),
);

export type TryDialogName = "past" | "dry" | "tests";

export function TryDialog({ name, onClose }: { name: TryDialogName; onClose(): void }) {
  const { workflow, kinds } = useEditor();
  const saveFirst = useSaveFirst();
  const draft = useDocument();
  const published = usePublication().document;
  const ready = useDraftReady();
  return (
    <Suspense fallback={null}>
      {name === "past" ? (
        <BackTestDialog workflow={workflow} saveFirst={saveFirst} onClose={onClose} />
      ) : name === "dry" ? (
        <DryRunDialog
          workflow={workflow}
          draft={draft}
          published={published}
          kinds={kinds}
          saveFirst={saveFirst}
          onClose={onClose}
        />
      ) : (
        <TestsDialog workflow={workflow} ready={ready} saveFirst={saveFirst} onClose={onClose} />
      )}
    </Suspense>
  );
}

/** Saves what is still being typed, so that the server tries what is in sight. */
export function useSaveFirst(): () => Promise<boolean> {
  const { autosave } = useEditor();
  return useCallback(() => autosave.flush(), [autosave]);
}

/** True when the draft has no errors, so that it can be tried. */
export function useDraftReady(): boolean {
  return useSaveState((state) => !state.problems.some(({ severity }) => severity === "error"));
}
