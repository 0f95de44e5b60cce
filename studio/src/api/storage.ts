/** How much the history takes, what files were uploaded, and people whose data was deleted. */
import { useQuery } from "@tanstack/react-query";
import { ask } from "./ask";
import { whenReachable } from "./connection";
import type { Listed } from "./types";

export interface Storage {
  /** The database and the files beside it. */
  bytes: number;
  /** Oldest finished runs go when it is exceeded; null for no limit. */
  budget_bytes: number | null;
  runs: number;
  by_workflow: { workflow_id: string; name: string; runs: number; bytes: number }[];
  /** How many people's data was deleted on request. */
  erasures: number;
}

/** The proof that one person's data is gone. */
export interface Erasure {
  id: string;
  at: string;
  by: string | null;
  counts: { table: string; rows: number }[];
  /** A salted hash of the e-mail: shows whose request it was only to somebody who knows the address. */
  proof: string;
}

export interface StoredFile {
  id: string;
  name: string;
  bytes: number;
  kind: string;
  created_at: string;
}

export const storageKeys = {
  storage: ["storage"] as const,
  erasures: ["erasures"] as const,
  files: ["files"] as const,
};

export const storageApi = {
  storage: (signal?: AbortSignal) => ask<Storage>("GET", "/storage", { signal }),
  setBudget: (budget_bytes: number | null) => ask<Storage>("PUT", "/storage", { body: { budget_bytes } }),
  erase: (lead: string) => ask<Erasure>("POST", "/leads/{id}/erase", { path: { id: lead } }),
  erasures: (signal?: AbortSignal) => ask<Listed<Erasure>>("GET", "/erasures", { signal }),
  files: (signal?: AbortSignal) => ask<Listed<StoredFile>>("GET", "/files", { signal }),
  upload: (file: File, signal?: AbortSignal) => {
    const body = new FormData();
    body.set("file", file);
    return ask<StoredFile>("POST", "/files", { body, signal });
  },
  removeFile: (id: string) => ask<void>("DELETE", "/files/{id}", { path: { id } }),
};

/** Reads once the server can be reached. */
function patiently<Answer>(read: (signal: AbortSignal) => Promise<Answer>) {
  return async ({ signal }: { signal: AbortSignal }): Promise<Answer> => {
    await whenReachable();
    return read(signal);
  };
}

export const useStorage = () =>
  useQuery({
    queryKey: storageKeys.storage,
    queryFn: patiently(storageApi.storage),
    refetchInterval: 30_000,
  });
export const useErasures = (enabled = true) =>
  useQuery({ queryKey: storageKeys.erasures, queryFn: patiently(storageApi.erasures), enabled });
export const useFiles = () => useQuery({ queryKey: storageKeys.files, queryFn: patiently(storageApi.files) });
