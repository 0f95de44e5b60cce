/** Names of what configs refer to by id, for the second line of cards. */
import { useMemo } from "react";
import { useLists, usePools, useWorkflows } from "@/api";
import type { NamedThings } from "@/document/words";

export function useNamedThings(): NamedThings {
  const pools = usePools().data?.items;
  const lists = useLists().data?.items;
  const workflows = useWorkflows().data?.items;
  return useMemo(
    () => ({ pool: byId(pools), list: byId(lists), workflow: byId(workflows) }),
    [pools, lists, workflows],
  );
}

function byId(items: readonly { id: string; name: string }[] | undefined): Record<string, string> {
  return Object.fromEntries((items ?? []).map(({ id, name }) => [id, name]));
}
