/** Accounts in other systems: the gallery of apps, and the connections to them. Secrets are sent and never read. */
import { useQuery } from "@tanstack/react-query";
import { ask } from "./ask";
import { whenReachable } from "./connection";
import type { Listed } from "./types";

export interface SignInEntry {
  name: string;
  title: string;
  hidden: boolean;
  long: boolean;
  /** It may be left empty. */
  optional: boolean;
}

/** Something that is asked when an app is connected and is no secret. */
export interface AppSetting {
  title?: string;
  description?: string;
  default?: string;
  enum?: string[];
  "x-labels"?: Record<string, string>;
}

export interface WayToSignIn {
  id: string;
  title: string;
  /** Markdown. */
  help: string;
  kind: "api_key" | "entered" | "basic" | "authorization_code" | "client_credentials" | "jwt_bearer";
  entries: SignInEntry[];
}

export interface ConnectableApp {
  id: string;
  name: string;
  summary: string;
  /** Markdown. */
  help: string;
  icon: string;
  shelf: string;
  keywords: string[];
  settings: Record<string, AppSetting>;
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

/** Something the customer has in an app: a field of their own, a list, a person. */
export interface AppField {
  name: string;
  label: string;
  kind: string;
  options: unknown;
  writable: boolean;
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
  fields: (id: string, source: string, given: Record<string, string>) =>
    ["connection", "fields", id, source, given] as const,
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
  fields: (id: string, source: string, given: Record<string, string>, signal?: AbortSignal) =>
    ask<Listed<AppField>>("GET", "/connections/{id}/fields/{source}", {
      path: { id, source },
      query: { given: JSON.stringify(given) },
      signal,
    }),
};

/** Reads once the server can be reached. */
function patiently<Answer>(read: (signal: AbortSignal) => Promise<Answer>) {
  return async ({ signal }: { signal: AbortSignal }): Promise<Answer> => {
    await whenReachable();
    return read(signal);
  };
}

/** What can be connected changes only with the server. */
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
/** What an app has changes seldom, and every question is a call of the customer's. */
export const useAppFields = (id: string, source: string, given: Record<string, string>, enabled: boolean) =>
  useQuery({
    queryKey: connectionKeys.fields(id, source, given),
    queryFn: patiently((signal) => connectionsApi.fields(id, source, given, signal)),
    staleTime: 5 * 60 * 1000,
    retry: false,
    enabled,
  });
