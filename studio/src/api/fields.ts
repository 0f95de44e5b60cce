/** The workspace's own fields of leads. */
import { useQuery } from "@tanstack/react-query";
import { ask } from "./ask";
import { whenReachable } from "./connection";
import type { Listed } from "./types";

export type FieldType = "text" | "number" | "date" | "yes_no" | "choice" | "choices";

export interface LeadField {
  id: string;
  /** Technical name; it never changes. */
  name: string;
  label: string;
  help: string;
  type: FieldType;
  options: string[];
  revision: number;
  updated_at: string;
}

/** Something that goes by a field. */
export interface LeadFieldUse {
  /** What it is, such as "segment" or "workflow". */
  kind: string;
  id: string;
  name: string;
}

export interface FieldWords {
  label: string;
  help: string;
  options: string[];
}

export const fieldsApi = {
  list: (signal?: AbortSignal) => ask<Listed<LeadField>>("GET", "/fields", { signal }),
  create: (body: FieldWords & { name?: string; type: FieldType }) =>
    ask<LeadField>("POST", "/fields", { body }),
  change: (id: string, body: FieldWords & { base_revision: number }) =>
    ask<LeadField>("PUT", "/fields/{id}", { path: { id }, body }),
  uses: (id: string, signal?: AbortSignal) =>
    ask<Listed<LeadFieldUse>>("GET", "/fields/{id}/uses", { path: { id }, signal }),
  remove: (id: string) => ask<void>("DELETE", "/fields/{id}", { path: { id } }),
};

export const fieldKeys = {
  all: ["field"] as const,
  uses: (id: string) => ["field", id, "uses"] as const,
};

export const useOwnFields = () =>
  useQuery({
    queryKey: fieldKeys.all,
    queryFn: async ({ signal }) => {
      await whenReachable();
      return (await fieldsApi.list(signal)).items;
    },
  });

export const useFieldUses = (id: string, enabled: boolean) =>
  useQuery({
    queryKey: fieldKeys.uses(id),
    queryFn: async ({ signal }) => (await fieldsApi.uses(id, signal)).items,
    enabled,
    staleTime: 0,
  });
