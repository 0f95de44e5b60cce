/** Who must not be written to. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { ask } from "./ask";
import { whenReachable } from "./connection";
import { renewFirstPage } from "./renewal";

export type SuppressionReason = "opted_out" | "bounced" | "complained" | "do_not_contact";

export interface SuppressionEntry {
  id: string;
  kind: "email" | "phone" | "domain";
  /** Empty when the data of its owner was erased. */
  address: string;
  reason: SuppressionReason;
  source: string;
  by: string | null;
  run_id: string | null;
  at: string;
}

export interface SuppressionVerdict {
  address: string;
  marketing: boolean;
  service: boolean;
  why?: string;
  entry?: SuppressionEntry;
  lead_id?: string;
}

export interface SuppressionImport {
  added: number;
  known: number;
  refused: number;
  problems: { line: number; reason: string }[];
}

interface SuppressionPage {
  items: SuppressionEntry[];
  next: string | null;
  total: number;
}

export const suppressionKeys = {
  all: ["suppressions"] as const,
  list: (search: string) => ["suppressions", "list", search] as const,
};

export const suppressionsApi = {
  list: (search: string, cursor: string | undefined, signal?: AbortSignal) =>
    ask<SuppressionPage>("GET", "/suppressions", { query: { search, cursor, limit: 100 }, signal }),
  add: (body: { address: string; reason: SuppressionReason; source: string }) =>
    ask<{ address: string; added: boolean }>("POST", "/suppressions", { body }),
  remove: (id: string) => ask<SuppressionEntry>("DELETE", "/suppressions/{id}", { path: { id } }),
  check: (address: string) => ask<SuppressionVerdict>("GET", "/suppressions/check", { query: { address } }),
  importList: (csv: Blob, query: { reason: SuppressionReason; source: string }) =>
    ask<SuppressionImport>("POST", "/suppressions/import", { query, file: csv }),
};

export const useSuppressions = (search: string) =>
  useInfiniteQuery({
    queryKey: suppressionKeys.list(search),
    queryFn: async ({ pageParam, signal }) => {
      await whenReachable();
      return suppressionsApi.list(search, pageParam, signal);
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: renewFirstPage,
  });
