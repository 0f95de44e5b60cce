/** Reading through TanStack Query: the keys, the client, and a hook per thing that is read. */
import {
  keepPreviousData,
  QueryClient,
  queryOptions,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { useEffect } from "react";
import type { StepKinds } from "@/document/types";
import { api, type LeadFilter, type RunFilter, streams } from "./calls";
import { onReconnect, whenReachable } from "./connection";
import { UnreachableError } from "./error";
import { openStream } from "./live";
import { RENEW, renewFirstPage } from "./renewal";
import { onSignedOut } from "./transport";
import type { RunStatus, RunView, Session, StepKind } from "./types";

/** Keys from coarse to fine: invalidating `keys.workflows` touches every list and every single workflow. */
export const keys = {
  session: ["session"] as const,
  tokens: ["tokens"] as const,
  stepKinds: ["step-kinds"] as const,
  workflows: ["workflow"] as const,
  workflowList: (search: string) => ["workflow", "list", search] as const,
  workflow: (id: string) => ["workflow", "one", id] as const,
  versions: (id: string) => ["workflow", "one", id, "versions"] as const,
  version: (id: string, version: number) => ["workflow", "one", id, "versions", version] as const,
  runs: ["run"] as const,
  runList: (filter: RunFilter) => ["run", "list", filter] as const,
  run: (id: string) => ["run", "one", id] as const,
  leads: ["lead"] as const,
  leadList: (filter: LeadFilter) => ["lead", "list", filter] as const,
  lead: (id: string) => ["lead", "one", id] as const,
  leadCounts: ["lead", "counts"] as const,
  owners: ["owner"] as const,
  pools: ["pool"] as const,
  lists: ["list"] as const,
  stages: ["stage"] as const,
};

const ENDED: ReadonlySet<RunStatus> = new Set(["completed", "failed", "cancelled"]);

/** True when nothing more will happen in a run of that status. */
export function hasEnded(status: RunStatus): boolean {
  return ENDED.has(status);
}

export function createQueryClient(): QueryClient {
  const client = new QueryClient({
    defaultOptions: {
      queries: {
        // Workflows, jobs and other people change nearly everything at any moment: whoever comes to a page sees what
        // was there last, and right after what is there now. What stays as it is says so where it is read.
        staleTime: 0,
        // While the server is gone a query waits for it; a refusal will not change by asking again.
        retry: (_count, error) => error instanceof UnreachableError,
        retryDelay: 0,
        networkMode: "always",
        refetchOnWindowFocus: true,
      },
      // Writing twice is worse than saying that it failed.
      mutations: { retry: false, networkMode: "always" },
    },
  });
  onReconnect(() => void client.invalidateQueries());
  onSignedOut(() => {
    client.setQueryData<Session>(keys.session, (before) => ({
      state: "signed_out",
      version: before?.version ?? "",
    }));
  });
  return client;
}

/** Reads once the server can be reached, so that retries do not spin while it is gone. */
function patiently<Answer>(read: (signal: AbortSignal) => Promise<Answer>) {
  return async ({ signal }: { signal: AbortSignal }): Promise<Answer> => {
    await whenReachable();
    return read(signal);
  };
}

const sessionQuery = queryOptions({
  queryKey: keys.session,
  queryFn: patiently((signal) => api.session(signal)),
  staleTime: 60_000,
});

export const useSession = () => useQuery(sessionQuery);

export const useTokens = () => useQuery({ queryKey: keys.tokens, queryFn: patiently(api.tokens) });

/** Step kinds by name; they change only with the server's version. */
export const useStepKinds = () =>
  useQuery({
    queryKey: keys.stepKinds,
    queryFn: patiently(api.stepKinds),
    staleTime: Number.POSITIVE_INFINITY,
    select: (answer: { items: StepKind[] }): StepKinds =>
      Object.fromEntries(answer.items.map((kind) => [kind.kind, kind])),
  });

export const useWorkflows = (search = "") =>
  useQuery({
    queryKey: keys.workflowList(search),
    queryFn: patiently((signal) => api.workflows(search, signal)),
    placeholderData: keepPreviousData,
    refetchInterval: RENEW,
  });

export const useWorkflow = (id: string) =>
  useQuery({ queryKey: keys.workflow(id), queryFn: patiently((signal) => api.workflow(id, signal)) });

export const useVersions = (id: string) =>
  useQuery({ queryKey: keys.versions(id), queryFn: patiently((signal) => api.versions(id, signal)) });

/** One frozen version; pass null to read nothing yet. */
export const useVersion = (id: string, version: number | null) =>
  useQuery({
    queryKey: keys.version(id, version ?? 0),
    queryFn: patiently((signal) => api.version(id, version ?? 0, signal)),
    enabled: version !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });

const PAGE_SIZE = 50;

export const useRuns = (filter: RunFilter) =>
  useInfiniteQuery({
    queryKey: keys.runList(filter),
    queryFn: async ({ pageParam, signal }) => {
      await whenReachable();
      return api.runs({ ...filter, cursor: pageParam, limit: PAGE_SIZE }, signal);
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
  });

/** One run, kept up to date by its event stream until it has ended. */
export function useRun(id: string) {
  const client = useQueryClient();
  const query = useQuery({ queryKey: keys.run(id), queryFn: patiently((signal) => api.run(id, signal)) });
  const follow = query.data !== undefined && !hasEnded(query.data.status);
  useEffect(() => {
    if (!follow) return;
    return openStream(streams.run(id), {
      on: { run: (data) => client.setQueryData(keys.run(id), data as RunView) },
      onOpen: (again) => again && void client.invalidateQueries({ queryKey: keys.run(id) }),
      // The stream ends with the run; if its last event got lost, this read brings the outcome.
      onBreak: () => void client.invalidateQueries({ queryKey: keys.run(id) }),
    });
  }, [client, id, follow]);
  return query;
}

export const useLeads = (filter: LeadFilter, columns?: string) =>
  useInfiniteQuery({
    queryKey: [...keys.leadList(filter), columns ?? ""],
    queryFn: async ({ pageParam, signal }) => {
      await whenReachable();
      return api.leads({ ...filter, columns, cursor: pageParam, limit: PAGE_SIZE }, signal);
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: renewFirstPage,
  });

export const useLead = (id: string) =>
  useQuery({ queryKey: keys.lead(id), queryFn: patiently((signal) => api.lead(id, signal)) });
export const useLeadCounts = () =>
  useQuery({ queryKey: keys.leadCounts, queryFn: patiently(api.leadCounts), refetchInterval: RENEW });
/** Published workflows that are started by hand, and so by an import or for a segment. */
export const useWorkflowsByHand = () =>
  (useWorkflows().data?.items ?? []).filter(
    ({ published_version, trigger_kinds }) => published_version != null && trigger_kinds.includes("manual"),
  );

export const useOwners = () => useQuery({ queryKey: keys.owners, queryFn: patiently(api.owners) });
/** With the counters of their members, which every routed lead moves. */
export const usePools = () =>
  useQuery({ queryKey: keys.pools, queryFn: patiently(api.pools), refetchInterval: RENEW });
export const useLists = () => useQuery({ queryKey: keys.lists, queryFn: patiently(api.lists) });
export const useStages = () => useQuery({ queryKey: keys.stages, queryFn: patiently(api.stages) });
