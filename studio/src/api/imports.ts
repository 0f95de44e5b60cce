/** Lists on their way to leads: uploading in pieces, reading, choosing, previewing, running, undoing. */
import { useQuery } from "@tanstack/react-query";
import { ask } from "./ask";
import { BASE, client } from "./client";
import { whenReachable } from "./connection";
import { UnreachableError } from "./error";
import type { Job } from "./jobs";
import type { StoredFile } from "./storage";
import type { Json, Listed } from "./types";

export type ImportStatus =
  | "reading"
  | "ready"
  | "previewing"
  | "previewed"
  | "running"
  | "paused"
  | "done"
  | "cancelled"
  | "failed"
  | "undoing"
  | "undone";

export const FATES = ["created", "updated", "unchanged", "duplicate", "skipped", "failed"] as const;
export type Fate = (typeof FATES)[number];
export type ImportCounts = Record<Fate, number>;

export interface ImportColumn {
  name: string;
  filled: number;
  samples: string[];
}

/** What was found in the file. */
export interface ImportFound {
  kind: "text" | "xlsx";
  encoding: string;
  delimiter: string | null;
  header: boolean;
  columns: string[];
  sheets: string[];
  sheet: string | null;
  notes: string[];
  profile: ImportColumn[];
  rows: number;
  broken: number;
  broken_rows: { line: number; reason: string; text: string }[];
  remembered_from?: string;
  reading: ImportReading;
}

/** How a person says the file is to be read. */
export interface ImportReading {
  delimiter?: string;
  header?: boolean;
  sheet?: string;
}

export type WhoWins = "lead" | "file";
export type KeyKind = "external_id" | "email" | "phone";

export interface ColumnUse {
  column: string;
  field: string;
  wins: WhoWins;
}

export interface Cleaning {
  text: boolean;
  placeholders: boolean;
  names: boolean;
  companies: "leave" | "tidy" | "remove";
  emails: boolean;
  phones: boolean;
  default_country: string | null;
  countries: "leave" | "code" | "name";
  regions: "leave" | "code" | "name";
  dates: string[];
  date_order: "auto" | "day" | "month";
}

export type RowFlag =
  | "bad_email"
  | "typo_domain"
  | "free_mailbox"
  | "role_mailbox"
  | "bad_phone"
  | "unknown_country";

export type RowRule =
  | { rule: "required"; field: string }
  | { rule: "refuse"; flag: RowFlag }
  | { rule: "one_of"; field: string; values: string[] };

export interface ImportAfterwards {
  list?: string;
  stage?: string;
  pool?: string | undefined;
  fallback_owner?: string;
  /** Name, e-mail address or id. */
  owner?: string | undefined;
  /** Id of the workflow that every lead goes through afterwards. */
  workflow?: string;
  source?: string;
}

export interface ImportSettings {
  columns: ColumnUse[];
  cleaning: Cleaning;
  rules: RowRule[];
  match_on: KeyKind[];
  mode: "create_and_update" | "create_only" | "update_only";
  repeated: "merge" | "skip";
  afterwards: ImportAfterwards;
}

export interface PreviewSample {
  row: number;
  line: number;
  fields: Record<string, Json>;
  why: string | null;
  /** Old and new value of what a known lead would get. */
  changes: Record<string, [Json, Json]>;
  cleaned: { field: string; old: Json; new: Json; why: string }[];
  lead_id: string | null;
}

export interface ImportPreview {
  rows: number;
  counts: ImportCounts;
  reasons: { reason: string; count: number; lines: number[] }[];
  samples: Partial<Record<Fate, PreviewSample[]>>;
  cleaned: {
    field: string;
    why: string;
    count: number;
    examples: { line: number; old: Json; new: Json }[];
  }[];
  flags: {
    field: string;
    flag: string;
    words: string;
    count: number;
    examples: { line: number; value: Json; meant: string | null }[];
  }[];
}

export interface ListImport {
  id: string;
  name: string;
  status: ImportStatus;
  total: number | null;
  found: ImportFound | null;
  settings: ImportSettings | null;
  preview: ImportPreview | null;
  counts: ImportCounts | null;
  job: Job | null;
  run_id: string | null;
  created_by: string | null;
  created_at: string;
  finished_at: string | null;
  error: string | null;
}

const at = (id: string) => ({ path: { id } });

export const importsApi = {
  list: (signal?: AbortSignal) => ask<Listed<ListImport>>("GET", "/imports", { signal }),
  get: (id: string, signal?: AbortSignal) => ask<ListImport>("GET", "/imports/{id}", { ...at(id), signal }),
  create: (file: string) => ask<ListImport>("POST", "/imports", { body: { file } }),
  read: (id: string, body: ImportReading) =>
    ask<ListImport>("PUT", "/imports/{id}/reading", { ...at(id), body }),
  choose: (id: string, body: ImportSettings) =>
    ask<ListImport>("PUT", "/imports/{id}/settings", { ...at(id), body }),
  preview: (id: string) => ask<ListImport>("POST", "/imports/{id}/preview", { ...at(id), body: {} }),
  start: (id: string) => ask<ListImport>("POST", "/imports/{id}/start", { ...at(id), body: {} }),
  undo: (id: string) => ask<ListImport>("POST", "/imports/{id}/undo", { ...at(id), body: {} }),
  remove: (id: string) => ask<void>("DELETE", "/imports/{id}", at(id)),
  /** Where the result file is; only the rows of one fate if wanted. */
  resultAddress: (id: string, only?: Fate) => `${BASE}/imports/${id}/result${only ? `?only=${only}` : ""}`,
};

/** Bytes sent at once. */
const PIECE = 4 * 1024 * 1024;
/** Times a piece is sent again before the upload is given up. */
const TRIES = 30;

interface UploadState {
  id: string;
  at: number;
}

/** Sends a file in pieces and tells how far it is. A line that breaks costs a piece, not the file. */
export async function uploadInPieces(
  file: File,
  told: (bytes: number) => void,
  signal?: AbortSignal,
): Promise<StoredFile> {
  const { id } = await ask<UploadState>("POST", "/uploads", { body: {}, signal });
  let sent = 0;
  let tries = 0;
  while (sent < file.size) {
    signal?.throwIfAborted();
    try {
      // The server says where it stands: a piece that arrived though its answer did not is not sent twice.
      const state = await sendPiece(id, sent, file.slice(sent, sent + PIECE), signal);
      sent = state.at;
      tries = 0;
      told(sent);
    } catch (error) {
      tries += 1;
      if (!(error instanceof UnreachableError) || tries > TRIES) throw error;
      await whenReachable();
    }
  }
  return ask<StoredFile>("POST", "/uploads/{id}/finish", { path: { id }, body: { name: file.name }, signal });
}

async function sendPiece(id: string, from: number, piece: Blob, signal?: AbortSignal): Promise<UploadState> {
  const { data } = await client.PUT("/uploads/{id}", {
    params: { path: { id }, query: { at: from } },
    body: piece as unknown as string,
    bodySerializer: (body: unknown) => body as Blob,
    headers: { "content-type": "application/octet-stream" },
    ...(signal ? { signal } : {}),
  });
  return data as unknown as UploadState;
}

export const importKeys = {
  all: ["import"] as const,
  list: ["import", "list"] as const,
  one: (id: string) => ["import", "one", id] as const,
};

/** Whether something goes on with it by itself. */
export function isMoving(status: ImportStatus): boolean {
  return status === "reading" || status === "previewing" || status === "running" || status === "undoing";
}

function patiently<Answer>(read: (signal: AbortSignal) => Promise<Answer>) {
  return async ({ signal }: { signal: AbortSignal }): Promise<Answer> => {
    await whenReachable();
    return read(signal);
  };
}

export const useImports = () =>
  useQuery<Listed<ListImport>>({
    queryKey: importKeys.list,
    queryFn: patiently(importsApi.list),
    refetchInterval: (query) =>
      query.state.data?.items.some((item) => isMoving(item.status)) ? 2_000 : false,
  });

export const useImport = (id: string) =>
  useQuery<ListImport>({
    queryKey: importKeys.one(id),
    queryFn: patiently((signal) => importsApi.get(id, signal)),
    refetchInterval: (query) => {
      const status = query.state.data?.status;
      return status && (isMoving(status) || status === "paused") ? 700 : false;
    },
  });
