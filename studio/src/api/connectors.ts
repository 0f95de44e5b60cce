/** Connectors: what is installed beside the apps of the build, and OpenAPI documents that become one. */
import { useQuery } from "@tanstack/react-query";
import { type ConnectableApp, connectionKeys } from "./app-connections";
import { ask } from "./ask";
import { whenReachable } from "./connection";
import type { JsonSchema } from "./types";

export interface InstalledConnector {
  name: string;
  title: string;
  version: string;
  edition: number;
  enabled: boolean;
  actions: number;
  trouble?: string;
  origin: ConnectorOrigin;
  installed_at: string;
  updated_at: string;
}

/** Where a connector came from, and what is needed to import it again. */
export interface ConnectorOrigin {
  kind?: "openapi" | "manifest";
  source?: string;
  loaded?: boolean;
  title?: string;
  choice?: ConnectorChoice;
}

export interface ConnectorUse {
  kind: "live" | "draft" | "runs" | "connection";
  id: string;
  name: string;
}

export interface ConnectorDetail {
  connector: InstalledConnector;
  manifest: string;
  editions: {
    edition: number;
    version: string;
    changes: string[];
    installed_by?: string;
    installed_at: string;
  }[];
  used_by: ConnectorUse[];
}

export interface ActionChange {
  name: string;
  title: string;
  changes: string[];
  breaks: boolean;
}

export interface ConnectorDifference {
  added: ActionChange[];
  removed: ActionChange[];
  changed: ActionChange[];
  new_hosts: string[];
  other: string[];
}

export interface ActionInputs {
  name: string;
  title: string;
  writes: boolean;
  promise: string;
  properties: Record<string, JsonSchema>;
  required: string[];
  example: Record<string, unknown>;
}

export interface ConnectorPreview {
  app: ConnectableApp;
  base_edition: number | null;
  difference: ConnectorDifference | null;
  used_by: ConnectorUse[];
  actions: ActionInputs[];
}

export interface ImportProblem {
  at: string;
  line?: number;
  message: string;
}

/** A way to sign in as manifests say it. */
export interface AuthChoice {
  id: string;
  title: string;
  help?: string;
  grant: {
    kind: string;
    authorize_url?: string;
    token_url?: string;
    token_hosts?: string[];
    scopes?: string[];
    [more: string]: unknown;
  };
  /** What is entered beside what the grant asks. */
  asks?: Record<string, { title: string }>;
  send?: { headers?: Record<string, string>; query?: Record<string, string> };
}

/** Where a value goes in a request. */
export interface PagingSpot {
  query?: string;
  json?: string;
  form?: string;
}

/** How a list comes in pages as manifests say it. */
export interface PagingChoice {
  items: string;
  next: {
    by: string;
    at?: string;
    into?: PagingSpot;
    more?: string | undefined;
    first?: number;
  };
  size?: { into: PagingSpot; most: number };
}

export interface ImportOperation {
  key: string;
  method: string;
  path: string;
  name: string;
  title: string;
  summary: string;
  tags: string[];
  /** Where it lives, when that is elsewhere than the rest of the API. */
  address?: string;
  deprecated: boolean;
  unsupported?: string;
  inputs: string[];
  required: string[];
  write: { repeat: string } | null;
  paging: PagingChoice | null;
  problems: ImportProblem[];
}

export interface ProposedServer {
  url: string;
  about: string;
  hosts: string[];
  settings: Record<string, JsonSchema>;
  notes: string[];
}

export interface ConnectorImport {
  id: string;
  source: string;
  loaded: boolean;
  specification: string;
  title: string;
  api_version: string;
  summary: string;
  name: string;
  servers: ProposedServer[];
  auth: { auth: AuthChoice; notes: string[] }[];
  auth_is_guess: boolean;
  says: string;
  faults: unknown[];
  operations: ImportOperation[];
  problems: ImportProblem[];
  earlier?: { name: string; choice: ConnectorChoice };
}

export interface ChosenOperation {
  key: string;
  name?: string;
  title?: string;
  write?: { repeat: string } | "reads";
  paging?: PagingChoice | "none";
}

/** How hard an app may be called, as manifests say it. */
export interface LimitsChoice {
  bucket?: { calls: number; seconds: number };
  at_once?: number;
  daily?: number;
}

/** What is made into a manifest. */
export interface ConnectorChoice {
  id: string;
  name: string;
  version: string;
  summary: string;
  shelf: string;
  base_url: string;
  hosts: string[];
  settings: Record<string, JsonSchema>;
  auth: AuthChoice[];
  says: string;
  faults: unknown[] | null;
  limits?: LimitsChoice | null;
  test: string;
  operations: ChosenOperation[];
}

export interface DraftedConnector {
  manifest: string;
  problems: ImportProblem[];
  preview: ConnectorPreview;
}

/** Who vouches for a manifest. */
export interface Vouched {
  sha256?: string | undefined;
  key?: string | undefined;
  signature?: string | undefined;
  allow_older?: boolean;
}

/** The manifest of a connector, as it was brought. */
export interface ManifestFile {
  name: string;
  text: string;
  vouched?: Vouched;
}

export interface TriedAction {
  request: unknown;
  ok: boolean;
  output: unknown;
  error?: { code: string; message: string; action: string };
}

export const connectorKeys = {
  apps: connectionKeys.apps,
  list: ["connector"] as const,
  one: (name: string) => ["connector", name] as const,
  import: (id: string, again: string) => ["connector", "import", id, again] as const,
};

const at = (name: string) => ({ path: { name } });

export const connectorsApi = {
  one: (name: string, signal?: AbortSignal) =>
    ask<ConnectorDetail>("GET", "/connectors/{name}", { ...at(name), signal }),
  /** Reads a manifest from an address; nothing is installed. */
  fetch: (url: string) =>
    ask<{ manifest: string; source: string }>("POST", "/connectors/fetch", { body: { url } }),
  check: (manifest: string) => ask<ConnectorPreview>("POST", "/connectors/check", { body: { manifest } }),
  install: (
    body: {
      manifest: string;
      base_edition: number | null;
      confirm_hosts: string[];
      origin: ConnectorOrigin;
    } & Vouched,
  ) => ask<InstalledConnector>("POST", "/connectors", { body }),
  change: (name: string, enabled: boolean) =>
    ask<InstalledConnector>("PATCH", "/connectors/{name}", { ...at(name), body: { enabled } }),
  remove: (name: string) => ask<void>("DELETE", "/connectors/{name}", at(name)),
  attempt: (body: {
    manifest: string;
    action: string;
    input: Record<string, unknown>;
    connection?: string;
    auth?: string;
    settings?: Record<string, string>;
    secrets?: Record<string, string>;
  }) => ask<TriedAction>("POST", "/connectors/try", { body }),
  /** `again` names the installed connector that the document is a newer one of. */
  begin: (from: { text: string; name: string } | { url: string }, again: string, signal?: AbortSignal) =>
    ask<ConnectorImport>("POST", "/connectors/imports", {
      body: { ...from, ...(again ? { again } : {}) },
      signal,
    }),
  import: (id: string, again: string, signal?: AbortSignal) =>
    ask<ConnectorImport>("GET", "/connectors/imports/{id}", { path: { id }, query: { again }, signal }),
  draft: (id: string, choice: ConnectorChoice) =>
    ask<DraftedConnector>("POST", "/connectors/imports/{id}/draft", { path: { id }, body: { choice } }),
};

export const useConnector = (name: string, enabled = true) =>
  useQuery({
    queryKey: connectorKeys.one(name),
    queryFn: async ({ signal }) => {
      await whenReachable();
      return connectorsApi.one(name, signal);
    },
    enabled,
    staleTime: 0,
  });

export const useConnectorImport = (id: string | undefined, again: string) =>
  useQuery({
    queryKey: connectorKeys.import(id ?? "", again),
    queryFn: async ({ signal }) => {
      await whenReachable();
      return connectorsApi.import(id ?? "", again, signal);
    },
    enabled: id !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
