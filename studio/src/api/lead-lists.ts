/** Which leads, in which columns and order; views that keep that under a name; what is done with all that match. */
import { useQuery } from "@tanstack/react-query";
import { ask } from "./ask";
import type { LeadFilter } from "./calls";
import { whenReachable } from "./connection";
import type { Job } from "./jobs";
import type { Json, Listed } from "./types";

export type LeadSort = "-created_at" | "created_at" | "-updated_at" | "updated_at" | "-score" | "score";
/** A rule about leads, as segments have it. */
export type LeadRule = Record<string, unknown>;

/** Which leads, as the server keeps it. */
export interface LeadFilterDocument {
  search?: string;
  stage?: string;
  owner?: string;
  list?: string;
  segment?: string;
  import?: string;
  rule?: LeadRule;
}

export interface LeadViewDocument {
  filter: LeadFilterDocument;
  columns: string[];
  sort: LeadSort;
}

export interface LeadView {
  id: string;
  name: string;
  view: LeadViewDocument;
  revision: number;
  updated_at: string;
}

export interface LeadColumn {
  name: string;
  label: string;
}

/** Leads that were ticked, or all that match. */
export type LeadSelection = { leads: string[] } | { filter: LeadFilterDocument };

export type LeadChange =
  | { do: "set_field"; field: string; value: Json }
  | { do: "set_stage"; stage: string }
  | { do: "assign"; owner: string }
  | { do: "route"; pool: string }
  | { do: "add_to_list"; list: string }
  | { do: "remove_from_list"; list: string }
  | { do: "rescore" }
  | { do: "start_workflow"; workflow: string }
  | { do: "delete" };

/** The filter of the page as documents keep it. */
export function filterDocument(filter: LeadFilter): LeadFilterDocument {
  const { search, stage, owner, list, segment, import: by, filter: rule } = filter;
  return Object.fromEntries(
    Object.entries({ search, stage, owner, list, segment, import: by, rule }).filter(([, value]) => value),
  );
}

export const leadListsApi = {
  columns: (signal?: AbortSignal) => ask<Listed<LeadColumn>>("GET", "/leads/columns", { signal }),
  views: (signal?: AbortSignal) => ask<Listed<LeadView>>("GET", "/leads/views", { signal }),
  createView: (name: string, view: LeadViewDocument) =>
    ask<LeadView>("POST", "/leads/views", { body: { name, view } }),
  changeView: ({ id, revision }: LeadView, name: string, view: LeadViewDocument) =>
    ask<LeadView>("PUT", "/leads/views/{id}", {
      path: { id },
      body: { name, view, base_revision: revision },
    }),
  removeView: (id: string) => ask<void>("DELETE", "/leads/views/{id}", { path: { id } }),
  count: (which: LeadSelection) => ask<Job>("POST", "/leads/count", { body: which }),
  change: (which: LeadSelection, change: LeadChange, expected: number | null) =>
    ask<Job>("POST", "/leads/changes", { body: { which, change, expected } }),
  /** Where the file is that holds these leads. */
  exportAddress: (
    which: { filter: LeadFilter } | { leads: string[] },
    shown: { columns: readonly string[]; sort: LeadSort; format: "csv" | "xlsx"; name: string },
  ) => {
    const query = new URLSearchParams();
    if ("leads" in which) query.set("leads", which.leads.join(","));
    else {
      const { rule, ...plain } = filterDocument(which.filter);
      for (const [name, value] of Object.entries(plain)) query.set(name, String(value));
      if (rule) query.set("filter", JSON.stringify(rule));
    }
    query.set("columns", shown.columns.join(","));
    query.set("sort", shown.sort);
    query.set("format", shown.format);
    query.set("name", shown.name);
    return `/api/v1/leads/export?${query}`;
  },
};

export const leadListKeys = { columns: ["lead-column"] as const, views: ["lead-view"] as const };

export const useLeadColumns = () =>
  useQuery({
    queryKey: leadListKeys.columns,
    queryFn: async ({ signal }) => {
      await whenReachable();
      return (await leadListsApi.columns(signal)).items;
    },
  });

export const useLeadViews = () =>
  useQuery({
    queryKey: leadListKeys.views,
    queryFn: async ({ signal }) => {
      await whenReachable();
      return (await leadListsApi.views(signal)).items;
    },
  });
