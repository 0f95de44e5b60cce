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
  "x-placeholder"?: string;
  "x-optional"?: boolean;
  /** The limit that it sets. */
  "x-limit"?: string;
  /** The ways to sign in that need it. */
  "x-auth"?: string[];
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

/** A field of an app, the customer's own ones among them. */
export interface AppField {
  name: string;
  label: string;
  help?: string;
  kind: "string" | "number" | "boolean" | "date" | "choice";
  options?: { value: string; label: string }[];
  writable: boolean;
  required: boolean;
}

export interface AppFields extends Listed<AppField> {
  read_at: string;
  /** Why they could not be read anew. */
  trouble?: { code: string; message: string; action: string };
}

export interface ConnectionUse {
  kind: "workflow" | "enrichment_waterfall";
  id: string;
  name: string;
  live: boolean;
}

/** What a form holds that fields depend on, such as the table whose columns are wanted. */
type Given = Readonly<Record<string, string>>;

export const connectionKeys = {
  apps: ["app"] as const,
  connections: ["connection"] as const,
  uses: (id: string) => ["connection", "uses", id] as const,
  fields: (id: string, source: string, given: Given) => ["connection", "fields", id, source, given] as const,
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
    ends_at?: string | null;
  }) => ask<AppConnection>("POST", "/connections", { body }),
  change: (
    id: string,
    body: {
      name?: string;
      settings?: Record<string, string>;
      secrets?: Record<string, string>;
      ends_at?: string | null;
    },
  ) => ask<AppConnection>("PATCH", "/connections/{id}", { ...at(id), body }),
  remove: (id: string) => ask<void>("DELETE", "/connections/{id}", at(id)),
  test: (id: string) => ask<AppConnection>("POST", "/connections/{id}/test", at(id)),
  authorize: (id: string) => ask<{ url: string }>("POST", "/connections/{id}/authorize", at(id)),
  fields: (id: string, source: string, given: Given, anew: boolean, signal?: AbortSignal) =>
    ask<AppFields>("GET", "/connections/{id}/fields/{source}", {
      path: { id, source },
      query: {
        anew: anew ? "true" : undefined,
        given: Object.keys(given).length > 0 ? JSON.stringify(given) : undefined,
      },
      signal,
    }),
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

/** What can be connected changes only with the server. */
export const useApps = () =>
  useQuery({
    queryKey: connectionKeys.apps,
    queryFn: patiently(connectionsApi.apps),
    staleTime: Number.POSITIVE_INFINITY,
  });
/** Runs find out that a connection is broken: whoever comes to look sees how it is now. */
export const useConnections = (every?: number) =>
  useQuery({
    queryKey: connectionKeys.connections,
    queryFn: patiently(connectionsApi.list),
    staleTime: 0,
    refetchInterval: every ?? false,
  });
/** The server keeps them a while; whoever opens a form gets what it knows. */
export const useAppFields = (id: string, source: string, given: Given, enabled: boolean) =>
  useQuery({
    queryKey: connectionKeys.fields(id, source, given),
    queryFn: patiently((signal) => connectionsApi.fields(id, source, given, false, signal)),
    enabled,
    // What the app says against it is said at once; the button asks again.
    retry: false,
    staleTime: 60_000,
  });
export const useConnectionUses = (id: string, enabled: boolean) =>
  useQuery({
    queryKey: connectionKeys.uses(id),
    queryFn: patiently((signal) => connectionsApi.uses(id, signal)),
    enabled,
  });
