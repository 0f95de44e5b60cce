/**
 * The view of one run: the same canvas with what happened written on it, and the answer to "why?" for each step.
 * It shows recorded facts only; nothing is worked out anew in the browser.
 */
import { useState } from "react";
import { hasEnded, useRun, useStepKinds } from "@/api";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { Loading, Skeleton } from "@/ui";
import { RunScreen } from "./run-screen";
import { useRunPlace } from "./use-run-place";
import { takeJustStarted, useRunPlayback } from "./use-run-playback";

export { type Playback, playFromStart, useRunPlayback } from "./use-run-playback";

export default function RunPage({ id }: { id: string }) {
  const run = useRun(id);
  const kinds = useStepKinds();
  const [place, setPlace] = useRunPlace();
  // A run just started, or still going when first seen, is followed step by step; one from the history just stands there.
  const [justStarted] = useState(() => takeJustStarted(id));
  const [fresh, setFresh] = useState<boolean | null>(null);
  if (fresh === null && run.data) setFresh(justStarted || !hasEnded(run.data.status));
  const playback = useRunPlayback(run.data, { fresh: fresh ?? justStarted });

  const failed = run.error ?? kinds.error;
  if (failed && !run.data) {
    return (
      <Page title="Run" crumbs={[{ label: "Runs", to: "/runs" }]}>
        <QueryError
          error={failed}
          onRetry={() => {
            void run.refetch();
            void kinds.refetch();
          }}
        />
      </Page>
    );
  }
  if (!run.data || !playback.run || !kinds.data) {
    return (
      <Page title="Run" crumbs={[{ label: "Runs", to: "/runs" }]} fill>
        <Loading label="Loading the run" className="flex flex-1">
          <div className="flex flex-1 flex-col items-center gap-6 pt-10">
            {[0, 1, 2, 3].map((row) => (
              <Skeleton key={row} className="h-[84px] w-56 rounded-xl" />
            ))}
          </div>
          <div className="w-[470px] border-l border-border bg-surface p-[18px]">
            <Skeleton className="h-8 w-64" />
            <Skeleton className="mt-4 h-20 w-full" />
          </div>
        </Loading>
      </Page>
    );
  }
  return (
    <RunScreen
      run={playback.run}
      ended={hasEnded(run.data.status)}
      kinds={kinds.data}
      place={place}
      onPlace={setPlace}
      playing={playback.playing}
      onSkip={playback.skip}
    />
  );
}
