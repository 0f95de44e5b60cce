/** Two-way syncs: records of two apps that are kept in step. */
import { useQuery } from "@tanstack/react-query";
import type { TriggerLooks } from "./app-triggers";
import { ask } from "./ask";
import { whenReachable } from "./connection";
import type { Listed } from "./types";

export type SyncFlow = "both" | "to_right" | "to_left";
export type SyncRule = "newest" | "left_wins" | "right_wins" | "never_overwrite";
export type SyncCreate = "both" | "left" | "right" | "nowhere";

export interface SyncField {
  left: string;
  right: string;
  flow: SyncFlow;
  rule: SyncRule;
}

export interface SyncParty {
  connection: string;
  records: string;
}

export interface NewSync {
  name: string;
  left: SyncParty;
  right: SyncParty;
  fields: SyncField[];
  create: SyncCreate;
  begin: "all" | "now";
}

export interface SyncSide {
  app: string;
  connection: string;
  records: string;
  looks: TriggerLooks | null;
}

export interface Sync {
  workflow_id: string;
  name: string;
  active: boolean;
  table_id: string | null;
  left: SyncSide;
  right: SyncSide;
  fields: number;
  pairs: number;
  failed_today: number;
}

export interface DriftReport {
  pairs: number;
  differing: number;
  items: {
    left_id: string;
    right_id: string;
    known_by: string;
    fields: { field: string; left: unknown; right: unknown }[];
  }[];
}

export const syncKeys = {
  all: ["sync"] as const,
  drift: (id: string) => ["sync", "drift", id] as const,
};

export const syncsApi = {
  create: (body: NewSync) => ask<Sync>("POST", "/syncs", { body }),
};

export const useSyncs = () =>
  useQuery({
    queryKey: syncKeys.all,
    queryFn: async ({ signal }) => {
      await whenReachable();
      return ask<Listed<Sync>>("GET", "/syncs", { signal });
    },
    refetchInterval: 5_000,
  });

export const useDrift = (id: string, enabled: boolean) =>
  useQuery({
    queryKey: syncKeys.drift(id),
    queryFn: async ({ signal }) => {
      await whenReachable();
      return ask<DriftReport>("GET", "/syncs/{id}/drift", { path: { id }, signal });
    },
    enabled,
  });
