/** Triggers of apps: how far those have come that ask, and the addresses of those that are sent to. */
import { useQuery } from "@tanstack/react-query";
import { ask } from "./ask";
import { whenReachable } from "./connection";
import type { Listed, StepId } from "./types";

export interface TriggerLooks {
  every_seconds: number;
  last_at: string | null;
  next_at: string | null;
  /** A look of several pages is under way. */
  going_on: boolean;
  position: string | number | null;
  /** Records that were read. */
  seen: number;
  /** Runs that were started. */
  started: number;
  /** Looks that failed in a row. */
  failures: number;
  trouble?: { code: string; message: string; action: string; at: string };
}

export interface DeliveryCounts {
  accepted: number;
  repeated: number;
  forged: number;
  too_old: number;
  unreadable: number;
  last_at: string | null;
  refused_at: string | null;
}

export interface WebhookAddress {
  connection_id: string;
  webhook: string;
  title: string;
  /** Markdown. */
  help: string;
  url: string;
  secrets: { name: string; title: string; help: string; entered: boolean }[];
  counts: DeliveryCounts;
}

export interface AppTrigger {
  step: StepId;
  live: boolean;
  looks?: TriggerLooks;
  address?: WebhookAddress;
}

export const appTriggerKeys = {
  ofWorkflow: (workflow: string) => ["workflow", "one", workflow, "app-triggers"] as const,
  addresses: (connection: string) => ["connection", "addresses", connection] as const,
};

const at = (id: string) => ({ path: { id } });

export const appTriggersApi = {
  lookNow: (workflow: string, step: StepId) =>
    ask<void>("POST", "/workflows/{id}/app-triggers/{step}/look", { path: { id: workflow, step } }),
  enterSecrets: (connection: string, secrets: Record<string, string>) =>
    ask<Listed<WebhookAddress>>("PUT", "/connections/{id}/addresses/secrets", {
      ...at(connection),
      body: { secrets },
    }),
};

/** Read anew while it is looked at: looks come and go by themselves. `draft` changes with every saved edit. */
export const useAppTriggers = (workflow: string, draft: unknown) =>
  useQuery({
    queryKey: [...appTriggerKeys.ofWorkflow(workflow), draft] as const,
    queryFn: async ({ signal }) => {
      await whenReachable();
      return ask<Listed<AppTrigger>>("GET", "/workflows/{id}/app-triggers", { ...at(workflow), signal });
    },
    placeholderData: (before) => before,
    refetchInterval: 5_000,
  });

export const useWebhookAddresses = (connection: string, enabled: boolean) =>
  useQuery({
    queryKey: appTriggerKeys.addresses(connection),
    queryFn: async ({ signal }) => {
      await whenReachable();
      return ask<Listed<WebhookAddress>>("GET", "/connections/{id}/addresses", { ...at(connection), signal });
    },
    enabled,
    refetchInterval: 10_000,
  });
