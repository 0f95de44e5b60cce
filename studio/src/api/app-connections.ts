/** Accounts in other systems: the gallery of apps, and the connections to them. Secrets are sent and never read. */
import { useQuery } from "@tanstack/react-query";
import { ask } from "./ask";
import { whenReachable } from "./connection";
import type { JsonSchema, Listed } from "./types";

export interface SignInEntry {
  name: string;
  title: string;
  hidden: boolean;
  long: boolean;
}

export interface WayToSignIn {
  id: string;
  title: string;
  /** Markdown. */
  help: string;
  kind: "none" | "api_key" | "basic" | "authorization_code" | "client_credentials" | "jwt_bearer";
  entries: SignInEntry[];
}

export interface ConnectableApp {
  id: string;
  name: string;
  version: string;
  origin: "built_in" | "installed";
  /** Whether its steps are offered and run. */
  enabled: boolean;
  /** Why it cannot be used, if it cannot. */
  trouble?: string;
  summary: string;
  /** Markdown. */
  help: string;
  icon: string;
  shelf: string;
  keywords: string[];
  settings: Record<string, JsonSchema>;
  auth: WayToSignIn[];
  actions: { kind: string; title: string; summary: string; writes: boolean }[];
}

export interface AppConnection {
  id: string;
  app: string;
  name: string;
  auth: string;
  settings: Record<string, unknown>;
  status: "connected" | "pending" | "ends_soon" | "broken";
  account?: string;
  ends_at: string | null;
  tested_at: string | null;
  trouble?: { code: string; message: string; action: string; at: string };
  calls?: { used: number; of: number; expected: number; used_up_at: string | null };
  revision: number;
  created_at: string;
  updated_at: string;
}

export interface ConnectionUse {
  workflow_id: string;
  name: string;
  live: boolean;
}

export const connectionKeys = {
  apps: ["app"] as const,
  connections: ["connection"] as const,
  uses: (id: string) => ["connection", "uses", id] as const,
};

const at = (id: string) => ({ path: { id } });

export const connectionsApi = {
  apps: (signal?: AbortSignal) =>
    ask<Listed<ConnectableApp> & { redirect_url: string }>("GET", "/apps", { signal }),
  list: (signal?: AbortSignal) => ask<Listed<AppConnection>>("GET", "/connections", { signal }),
  create: (body: {
    app: string;
    name: string;
    auth: string;
    settings: Record<string, string>;
    secrets: Record<string, string>;
  }) => ask<AppConnection>("POST", "/connections", { body }),
  change: (id: string, body: { name?: string; secrets?: Record<string, string> }) =>
    ask<AppConnection>("PATCH", "/connections/{id}", { ...at(id), body }),
  remove: (id: string) => ask<void>("DELETE", "/connections/{id}", at(id)),
  test: (id: string) => ask<AppConnection>("POST", "/connections/{id}/test", at(id)),
  authorize: (id: string) => ask<{ url: string }>("POST", "/connections/{id}/authorize", at(id)),
  uses: (id: string, signal?: AbortSignal) =>
    ask<Listed<ConnectionUse>>("GET", "/connections/{id}/used-by", { ...at(id), signal }),
};

/** Reads once the server can be reached. */
function patiently<Answer>(read: (signal: AbortSignal) => Promise<Answer>) {
  return async ({ signal }: { signal: AbortSignal }): Promise<Answer> => {
    await whenReachable();
    return read(signal);
  };
}

/** What can be connected changes with the server, and when a connector is installed. */
export const useApps = () =>
  useQuery({
    queryKey: connectionKeys.apps,
    queryFn: patiently(connectionsApi.apps),
    staleTime: Number.POSITIVE_INFINITY,
  });
/** Runs find out that a connection is broken: whoever comes to look sees how it is now. */
export const useConnections = () =>
  useQuery({ queryKey: connectionKeys.connections, queryFn: patiently(connectionsApi.list), staleTime: 0 });
export const useConnectionUses = (id: string, enabled: boolean) =>
  useQuery({
    queryKey: connectionKeys.uses(id),
    queryFn: patiently((signal) => connectionsApi.uses(id, signal)),
    enabled,
  });
