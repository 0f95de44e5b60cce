/** What waits for a person: approvals, and writes of which nobody knows whether they happened. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { ask } from "./ask";
import { whenReachable } from "./connection";
import type { Json, StepId } from "./types";
import { onWorkspace } from "./workspace-stream";

/** `approval`: somebody is asked. `decision`: a write was begun and its outcome got lost. */
export type InboxKind = "approval" | "decision";

/** What a run may wait for; the last two are no person's to answer and never stand in the inbox. */
export type WaitKind = InboxKind | "callback" | "lead_event";

/** The three answers to "Did it happen?". */
export type DecisionPort = "happened" | "did_not" | "skip";

export interface InboxOption {
  id: string;
  label: string;
}

export interface InboxItem {
  id: string;
  kind: WaitKind;
  run_id: string;
  workflow_id: string;
  workflow_name: string;
  step: StepId;
  step_title: string;
  /** Who or what the run is about. */
  subject: string;
  lead_id: string | null;
  asked_at: string;
  /** After this moment the run goes on without an answer. */
  due_at: string | null;
  title: string;
  text: string;
  /** Empty when only another system can answer. */
  options: InboxOption[];
  /** Only of a decision: what went out. Secrets are masked by the server. */
  sent?: { what: string; input: Json } | null;
  promise_text?: string | null;
}

export interface InboxPage {
  items: InboxItem[];
  next: string | null;
  /** All that waits, not only this page or kind. */
  count: number;
}

/** The one code that says "somebody else was faster". */
export const ANSWERED_ALREADY = "RUN-0020";

export const inboxKeys = {
  all: ["inbox"] as const,
  list: (kind: InboxKind | undefined) => ["inbox", "list", kind ?? "all"] as const,
  count: ["inbox", "count"] as const,
};

export const inboxApi = {
  list: (kind?: InboxKind, signal?: AbortSignal) =>
    ask<InboxPage>("GET", "/inbox", { query: { kind }, signal }),
  answer: (id: string, body: { port: string; note?: string }) =>
    ask<unknown>("POST", "/inbox/{id}/answer", { path: { id }, body }),
};

/** What waits, oldest first; read anew whenever the server says that the number changed. */
export function useInbox(kind?: InboxKind) {
  return useQuery({
    queryKey: inboxKeys.list(kind),
    queryFn: async ({ signal }) => {
      await whenReachable();
      return inboxApi.list(kind, signal);
    },
  });
}

/** How much waits, for the navigation; 0 until it is known. */
export function useInboxCount(): number {
  const client = useQueryClient();
  const query = useQuery({
    queryKey: inboxKeys.count,
    queryFn: async ({ signal }) => {
      await whenReachable();
      return (await inboxApi.list(undefined, signal)).count;
    },
    staleTime: 60_000,
  });
  useEffect(
    () =>
      onWorkspace("inbox", {
        event: (data) => {
          const count = countIn(data);
          if (count !== null) client.setQueryData(inboxKeys.count, count);
          void client.invalidateQueries({ queryKey: ["inbox", "list"] });
        },
        reopened: () => void client.invalidateQueries({ queryKey: inboxKeys.all }),
      }),
    [client],
  );
  return query.data ?? 0;
}

function countIn(data: unknown): number | null {
  const count = typeof data === "object" && data !== null && "count" in data ? data.count : null;
  return typeof count === "number" ? count : null;
}
