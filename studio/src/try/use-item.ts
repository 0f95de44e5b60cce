/** The item of a job that stands open beside the list, from the list or, after a reload, by itself. */
import { useQuery } from "@tanstack/react-query";
import { useEffect } from "react";
import { type Job, type JobItem, jobKeys, jobsApi, whenReachable } from "@/api";

export function useOpenItem<Detail>(job: Job, rows: readonly JobItem<Detail>[], seq: number | null) {
  const at = rows.findIndex((row) => row.seq === seq);
  const alone = useQuery({
    queryKey: [...jobKeys.job(job.id), "item", seq],
    queryFn: async ({ signal }) => {
      await whenReachable();
      const { items } = await jobsApi.items<Detail>(job.id, { after: (seq ?? 0) - 1, limit: 1 }, signal);
      return items.find((item) => item.seq === seq) ?? null;
    },
    enabled: seq !== null && at === -1,
  });
  return {
    item: rows[at] ?? (seq === null ? null : (alone.data ?? null)),
    previous: at > 0 ? (rows[at - 1]?.seq ?? null) : null,
    next: at === -1 ? null : (rows[at + 1]?.seq ?? null),
  };
}

/** K and J go to the item before and after, as they do between runs. */
export function useItemKeys(
  previous: number | null,
  next: number | null,
  onOpen: (seq: number) => void,
): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const target = { k: previous, j: next }[event.key.toLowerCase()];
      if (target === null || target === undefined) return;
      event.preventDefault();
      onOpen(target);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [previous, next, onOpen]);
}
