/** Data tables with their rows, and counters. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { ask } from "./ask";
import { whenReachable } from "./connection";
import { RENEW } from "./renewal";
import type { Listed } from "./types";

export type ColumnKind = "text" | "number" | "date" | "yes_no" | "json";

export interface TableColumn {
  /** Its technical name, by which steps know it. */
  key: string;
  label: string;
  kind: ColumnKind;
}

export interface DataTable {
  id: string;
  name: string;
  columns: TableColumn[];
  rows: number;
  updated_at: string;
}

/** A table as it is to be; a column without a key is new. */
export interface TableDefinition {
  name: string;
  columns: { key?: string; label: string; kind: ColumnKind }[];
}

export type RowValues = Record<string, unknown>;

export interface DataRow {
  id: string;
  values: RowValues;
  updated_at: string;
}

export interface RowOutcome {
  row?: RowValues & { id: string };
  error?: { code: string; message: string; action: string };
}

export interface TableImport {
  added: number;
  changed: number;
  unchanged: number;
  refused: number;
  problems: { line: number; reason: string }[];
  ignored: string[];
}

export interface TableUse {
  id: string;
  name: string;
  steps: string[];
}

export interface Counter {
  name: string;
  key: string;
  value: number;
  updated_at: string;
}

interface Page<Item> {
  items: Item[];
  next: string | null;
}

export const tableKeys = {
  tables: ["tables"] as const,
  table: (id: string) => ["tables", "one", id] as const,
  rows: (id: string, search: string) => ["tables", "one", id, "rows", search] as const,
  uses: (id: string) => ["tables", "one", id, "uses"] as const,
  counters: ["counters"] as const,
};

const at = (id: string) => ({ path: { id } });

export const tablesApi = {
  tables: (signal?: AbortSignal) => ask<Listed<DataTable>>("GET", "/tables", { signal }),
  table: (id: string, signal?: AbortSignal) => ask<DataTable>("GET", "/tables/{id}", { ...at(id), signal }),
  create: (body: TableDefinition) => ask<DataTable>("POST", "/tables", { body }),
  change: (id: string, body: TableDefinition) => ask<DataTable>("PUT", "/tables/{id}", { ...at(id), body }),
  remove: (id: string) => ask<void>("DELETE", "/tables/{id}", at(id)),
  uses: (id: string, signal?: AbortSignal) =>
    ask<Listed<TableUse>>("GET", "/tables/{id}/uses", { ...at(id), signal }),
  rows: (id: string, search: string, cursor: string | undefined, signal?: AbortSignal) =>
    ask<Page<DataRow>>("GET", "/tables/{id}/rows", {
      ...at(id),
      query: { search, cursor, limit: 100 },
      signal,
    }),
  addRows: (id: string, rows: RowValues[]) =>
    ask<{ items: RowOutcome[] }>("POST", "/tables/{id}/rows", { ...at(id), body: { rows } }),
  editRows: (id: string, changes: { id: string; values: RowValues }[]) =>
    ask<{ items: RowOutcome[] }>("PATCH", "/tables/{id}/rows", { ...at(id), body: { changes } }),
  removeRows: (id: string, ids: string[]) =>
    ask<{ removed: number }>("POST", "/tables/{id}/rows/remove", { ...at(id), body: { ids } }),
  importRows: (id: string, csv: Blob, key: string) =>
    ask<TableImport>("POST", "/tables/{id}/import", { ...at(id), query: { key }, file: csv }),
  exportAddress: (id: string) => `/api/v1/tables/${id}/export`,
  counters: (signal?: AbortSignal) =>
    ask<{ items: Counter[]; more: boolean }>("GET", "/counters", { query: { limit: 500 }, signal }),
  setCounter: (body: { name: string; key: string; value: number }) => ask<void>("PUT", "/counters", { body }),
  removeCounter: (query: { name: string; key: string }) => ask<void>("DELETE", "/counters", { query }),
};

/** Reads once the server can be reached. */
function patiently<Answer>(read: (signal: AbortSignal) => Promise<Answer>) {
  return async ({ signal }: { signal: AbortSignal }): Promise<Answer> => {
    await whenReachable();
    return read(signal);
  };
}

export const useTables = () => useQuery({ queryKey: tableKeys.tables, queryFn: patiently(tablesApi.tables) });
export const useTable = (id: string) =>
  useQuery({ queryKey: tableKeys.table(id), queryFn: patiently((signal) => tablesApi.table(id, signal)) });
export const useTableUses = (id: string, enabled: boolean) =>
  useQuery({
    queryKey: tableKeys.uses(id),
    queryFn: patiently((signal) => tablesApi.uses(id, signal)),
    enabled,
  });
export const useTableRows = (id: string, search: string) =>
  useInfiniteQuery({
    queryKey: tableKeys.rows(id, search),
    queryFn: async ({ pageParam, signal }) => {
      await whenReachable();
      return tablesApi.rows(id, search, pageParam, signal);
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
export const useCounters = () =>
  useQuery({ queryKey: tableKeys.counters, queryFn: patiently(tablesApi.counters), refetchInterval: RENEW });
