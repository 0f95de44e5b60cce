import { lazy, Suspense, useState } from "react";
import { type RunStatus, useRunCount, whenServed } from "@/api";
import { Button } from "@/ui";
import { MOST_COUNTED, number } from "./job-words";

const RunManyDialog = lazy(() =>
  whenServed(() => import("./run-many-dialog")).then((part) => ({ default: part.RunManyDialog })),
);

interface RunManyButtonProps {
  workflow: string | undefined;
  status: RunStatus | undefined;
  search: string | undefined;
}

/** “Run these 1,204 again…” for what a list of runs shows. */
export function RunManyButton({ workflow, status, search }: RunManyButtonProps) {
  const [open, setOpen] = useState(false);
  const count = useRunCount(workflow ? { workflow, status, search } : null).data;
  return (
    <>
      <Button icon="refresh" disabled={count === 0} onClick={() => setOpen(true)}>
        {workflow && count && count <= MOST_COUNTED
          ? `Run these ${number(count)} again…`
          : "Run these again…"}
      </Button>
      {open ? (
        <Suspense fallback={null}>
          <RunManyDialog workflow={workflow} status={status} search={search} onClose={() => setOpen(false)} />
        </Suspense>
      ) : null}
    </>
  );
}
