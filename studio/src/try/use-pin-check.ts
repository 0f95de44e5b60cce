/** Working out every kept test with the saved draft. */
import { useCallback, useEffect, useState } from "react";
import { type PinCheck, pinsApi, type Told, tell } from "@/api";
import type { SaveFirst } from "./use-start";

export type CheckState =
  | { state: "idle" | "checking"; results: readonly PinCheck[] }
  | { state: "done"; results: readonly PinCheck[] }
  | { state: "failed"; results: readonly PinCheck[]; told: Told };

const NONE: readonly PinCheck[] = [];

/** `begin` false waits, for there is nothing to check or the draft cannot run yet. */
export function usePinCheck(workflow: string, begin: boolean, saveFirst: SaveFirst) {
  const [check, setCheck] = useState<CheckState>({ state: "idle", results: NONE });

  const run = useCallback(
    async (signal?: AbortSignal) => {
      setCheck(({ results }) => ({ state: "checking", results }));
      try {
        if (!(await saveFirst()))
          throw new Error("The draft has to be saved first, and that did not work yet.");
        const { items } = await pinsApi.check(workflow, signal);
        if (!signal?.aborted) setCheck({ state: "done", results: items });
      } catch (error) {
        if (!signal?.aborted) setCheck({ state: "failed", results: NONE, told: tell(error) });
      }
    },
    [workflow, saveFirst],
  );

  useEffect(() => {
    if (!begin) return;
    const leaving = new AbortController();
    void run(leaving.signal);
    return () => leaving.abort();
  }, [begin, run]);
  return { check, again: () => run() };
}
