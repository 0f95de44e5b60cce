/** The runs before and after this one in the workflow's history: K for the newer, J for the older. */
import { useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { type RunView, useRuns } from "@/api";
import { Button } from "@/ui";

/** How far back the run is looked for before the neighbours are given up. */
const MOST_PAGES = 6;

export function Neighbours({ run }: { run: RunView }) {
  const { newer, older } = useNeighbours(run);
  const navigate = useNavigate();

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const target = { k: newer, j: older }[event.key.toLowerCase()];
      if (!target) return;
      event.preventDefault();
      void navigate({ to: "/runs/$id", params: { id: target } });
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [newer, older, navigate]);

  const go = (id: string | null) => id && void navigate({ to: "/runs/$id", params: { id } });
  return (
    <>
      <Button
        variant="ghost"
        icon="arrow-up"
        kbd="K"
        aria-label="Newer run"
        disabled={!newer}
        onClick={() => go(newer)}
      />
      <Button
        variant="ghost"
        icon="arrow-down"
        kbd="J"
        aria-label="Older run"
        disabled={!older}
        onClick={() => go(older)}
      />
    </>
  );
}

function useNeighbours(run: RunView): { newer: string | null; older: string | null } {
  const runs = useRuns({ workflow: run.workflow_id });
  const pages = runs.data?.pages ?? [];
  const ids = pages.flatMap((page) => page.items.map((item) => item.id));
  const at = ids.indexOf(run.id);
  const { hasNextPage, isFetching, fetchNextPage } = runs;
  // The older neighbour of the last run of a page stands on the next page.
  const wantsMore = at === -1 || at === ids.length - 1;
  const more = wantsMore && hasNextPage && !isFetching && pages.length > 0 && pages.length < MOST_PAGES;
  useEffect(() => {
    if (more) void fetchNextPage();
  }, [more, fetchNextPage]);
  if (at === -1) return { newer: null, older: null };
  return { newer: ids[at - 1] ?? null, older: ids[at + 1] ?? null };
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}
