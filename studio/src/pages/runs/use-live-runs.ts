import { type InfiniteData, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { keys, onWorkspace, type Page, type RunFilter, type RunSummary } from "@/api";

type Pages = InfiniteData<Page<RunSummary>, string | undefined>;

/** Events are gathered this long, in ms, before the list is touched: an import brings thousands a second. */
const GATHER = 400;

/**
 * Keeps a list of runs up to date from the workspace's event stream.
 *
 * Rows in sight change in place. New runs do not push the list about: while `settled()` says that nobody is in the
 * middle of it the list is read again, otherwise they are counted in `fresh` until `show` is called.
 */
export function useLiveRuns(filter: RunFilter, settled: () => boolean) {
  const client = useQueryClient();
  const [fresh, setFresh] = useState(0);
  const key = keys.runList(filter);
  // The stream stays open while filters change; handlers read the present ones from here.
  const latest = useRef({ key, filter, settled });
  latest.current = { key, filter, settled };

  useEffect(() => {
    const gathered = new Map<string, RunSummary>();
    const unseen = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;

    const renew = () => {
      unseen.clear();
      setFresh(0);
      return client.invalidateQueries({ queryKey: latest.current.key });
    };

    const flush = () => {
      timer = undefined;
      const { key, filter, settled } = latest.current;
      const before = client.getQueryData<Pages>(key);
      if (!before) return gathered.clear();
      const { pages, newcomers } = applyRuns(before.pages, gathered, filter);
      gathered.clear();
      client.setQueryData<Pages>(key, { ...before, pages });
      if (newcomers.length === 0) return;
      for (const run of newcomers) unseen.add(run.id);
      // Reading several pages anew would move what is being looked at; then the count is shown instead.
      if (pages.length === 1 && settled()) void renew();
      else setFresh(unseen.size);
    };

    const close = onWorkspace("run", {
      event: (data) => {
        const run = data as RunSummary;
        gathered.set(run.id, run);
        timer ??= setTimeout(flush, GATHER);
      },
      reopened: () => void renew(),
    });
    return () => {
      close();
      clearTimeout(timer);
    };
  }, [client]);

  const show = async () => {
    setFresh(0);
    // Start again from the first page, as the new ones stand there.
    await client.resetQueries({ queryKey: key });
  };
  return { fresh, show };
}

/** Puts changed runs into the pages they stand on; returns those that stand on none but belong to the list. */
export function applyRuns(
  pages: Page<RunSummary>[],
  changed: ReadonlyMap<string, RunSummary>,
  filter: RunFilter,
): { pages: Page<RunSummary>[]; newcomers: RunSummary[] } {
  const known = new Set<string>();
  const next = pages.map((page) => ({
    ...page,
    items: page.items.map((item) => {
      known.add(item.id);
      return changed.get(item.id) ?? item;
    }),
  }));
  const newcomers = [...changed.values()].filter((run) => !known.has(run.id) && belongs(run, filter));
  return { pages: next, newcomers };
}

/** Whether a run would be in a list with that filter. A search is the server's to judge: then nothing is new. */
function belongs(run: RunSummary, filter: RunFilter): boolean {
  if (filter.search) return false;
  if (filter.workflow && filter.workflow !== run.workflow_id) return false;
  return !filter.status || filter.status === run.status;
}
