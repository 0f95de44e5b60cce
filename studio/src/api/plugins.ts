/** Plugins: what is installed, what waits for an approval, and what each did. A file goes up as it is. */
import { useQuery } from "@tanstack/react-query";
import { ask } from "./ask";
import { whenReachable } from "./connection";
import type { Listed } from "./types";

export interface PluginRelease {
  version: string;
  sha256: string;
  title: string;
  summary: string;
  /** Markdown. */
  help: string;
  icon: string;
  /** What it does and wants to reach, in plain words. */
  reaches: string[];
  /** What of it was not approved yet. */
  asks_for: string[];
  steps: { kind: string; title: string; summary: string; effect: "pure" | "read" | "write" }[];
  signed_by?: string;
  source: string;
  by: string;
  at: string;
}

export interface PluginLimits {
  memory_mib: number;
  compute_ms: number;
  whole_ms: number;
  output_kib: number;
  log_lines: number;
  at_once: number;
}

export interface InstalledPlugin {
  id: string;
  name: string;
  status: "active" | "waiting" | "disabled";
  live: PluginRelease | null;
  pending: PluginRelease | null;
  limits: PluginLimits;
  figures: {
    calls: number;
    failures: number;
    total_ms: number;
    longest_ms: number;
    most_memory_kib: number;
    last_failure?: string;
    last_failure_message?: string;
    last_failure_at?: string;
  };
  revision: number;
  created_at: string;
  updated_at: string;
}

export interface PluginUse {
  workflow_id: string;
  name: string;
  live: boolean;
}

/** A plugin or a connector that the index offers, in its newest version. */
export interface OfferedPlugin {
  kind: "plugin" | "connector";
  name: string;
  title: string;
  summary: string;
  version: string;
  sha256: string;
  signed: boolean;
  /** The version that is installed here. */
  installed?: string;
  is_newer: boolean;
}

/** The manifest of a connector that is offered. */
export interface OfferedManifest {
  manifest: string;
  sha256: string;
  key?: string;
  signature?: string;
  source: string;
}

/** How a file is brought. */
export interface Bringing {
  /** The plugin it is a release of; without it, a new one. */
  plugin?: string | undefined;
  sha256?: string | undefined;
  key?: string | undefined;
  signature?: string | undefined;
  allow_older: boolean;
}

export const pluginKeys = {
  plugins: ["plugin"] as const,
  uses: (id: string) => ["plugin", "uses", id] as const,
  index: ["plugin", "index"] as const,
};

const at = (id: string) => ({ path: { id } });

export const pluginsApi = {
  list: (signal?: AbortSignal) =>
    ask<Listed<InstalledPlugin> & { signatures_needed: boolean }>("GET", "/plugins", { signal }),
  bring: (file: File, { plugin, allow_older, ...given }: Bringing) => {
    const query = { ...given, name: file.name, ...(allow_older ? { allow_older: "true" } : {}) };
    return plugin
      ? ask<InstalledPlugin>("POST", "/plugins/{id}/releases", { ...at(plugin), query, file })
      : ask<InstalledPlugin>("POST", "/plugins", { query, file });
  },
  fetch: (url: string, bringing: Bringing) =>
    ask<InstalledPlugin>("POST", "/plugins/fetch", { body: { url, ...bringing } }),
  index: (signal?: AbortSignal) =>
    ask<Listed<OfferedPlugin> & { chosen: boolean }>("GET", "/plugins/index", { signal }),
  bringOffered: (name: string, version: string) =>
    ask<InstalledPlugin>("POST", "/plugins/index", { body: { name, version } }),
  offeredManifest: (name: string) =>
    ask<OfferedManifest>("GET", "/plugins/index/{name}/manifest", { path: { name } }),
  approve: (id: string, sha256: string) =>
    ask<InstalledPlugin>("POST", "/plugins/{id}/approval", { ...at(id), body: { sha256 } }),
  turnDown: (id: string) => ask<void>("DELETE", "/plugins/{id}/approval", at(id)),
  change: (id: string, body: { revision: number; enabled?: boolean; limits?: PluginLimits }) =>
    ask<InstalledPlugin>("PATCH", "/plugins/{id}", { ...at(id), body }),
  remove: (id: string) => ask<void>("DELETE", "/plugins/{id}", at(id)),
  uses: (id: string, signal?: AbortSignal) =>
    ask<Listed<PluginUse>>("GET", "/plugins/{id}/uses", { ...at(id), signal }),
};

/** Runs call plugins all the time: whoever comes to look sees the figures of now. */
export const usePlugins = () =>
  useQuery({
    queryKey: pluginKeys.plugins,
    queryFn: async ({ signal }) => {
      await whenReachable();
      return pluginsApi.list(signal);
    },
    staleTime: 0,
  });
export const usePluginIndex = () =>
  useQuery({ queryKey: pluginKeys.index, queryFn: ({ signal }) => pluginsApi.index(signal), retry: false });
export const usePluginUses = (id: string, enabled: boolean) =>
  useQuery({
    queryKey: pluginKeys.uses(id),
    queryFn: ({ signal }) => pluginsApi.uses(id, signal),
    enabled,
  });
