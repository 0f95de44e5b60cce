/** Every call of the API the studio makes, one function each. They throw `ApiError` or `UnreachableError`. */
import { ApiError } from "./error";
import { setCsrf, transport } from "./transport";
import type * as t from "./types";

const BASE = "/api/v1";

type Query = Record<string, string | number | boolean | null | undefined>;

interface CallOptions {
  query?: Query;
  body?: unknown;
  signal?: AbortSignal | undefined;
}

async function call<Answer>(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
  const url = new URL(BASE + path, window.location.origin);
  for (const [name, value] of Object.entries(options.query ?? {})) {
    if (value !== undefined && value !== null && value !== "") url.searchParams.set(name, String(value));
  }
  const headers: Record<string, string> = { accept: "application/json" };
  if (options.body !== undefined) headers["content-type"] = "application/json";
  const init: RequestInit = { method, headers };
  if (options.body !== undefined) init.body = JSON.stringify(options.body);
  if (options.signal) init.signal = options.signal;
  const response = await withFreshCsrf(() => transport(new Request(url, init)));
  if (response.status === 204 || response.headers.get("content-length") === "0") return undefined as Answer;
  const text = await response.text();
  return (text === "" ? undefined : JSON.parse(text)) as Answer;
}

/** The server's word for a CSRF token that is not of the present session. */
const WRONG_CSRF = "AUTH-0002";

/**
 * A sign-in in another tab starts a new session, and this tab's token is refused before anything is done; so the
 * token is read anew and the call made once more.
 */
async function withFreshCsrf(send: () => Promise<Response>): Promise<Response> {
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== WRONG_CSRF) throw error;
    await api.session();
    return send();
  }
}

const id = encodeURIComponent;

/** Each answer about the session carries the CSRF token of the next unsafe call. */
async function session(answer: Promise<t.Session>): Promise<t.Session> {
  const value = await answer;
  setCsrf(value.csrf);
  return value;
}

export interface RunFilter {
  workflow?: string | undefined;
  status?: t.RunStatus | "" | undefined;
  search?: string | undefined;
}

export interface LeadFilter {
  search?: string | undefined;
  stage?: string | undefined;
  owner?: string | undefined;
  list?: string | undefined;
}

export const api = {
  // Session
  session: (signal?: AbortSignal) => session(call("GET", "/session", { signal })),
  setUp: (body: { token: string; email: string; password: string; workspace_name?: string }) =>
    session(call("POST", "/setup", { body })),
  signIn: (body: { email: string; password: string }) => session(call("POST", "/session", { body })),
  signOut: async () => {
    await call<void>("DELETE", "/session");
    setCsrf(undefined);
  },
  tokens: (signal?: AbortSignal) => call<{ items: t.ApiToken[] }>("GET", "/tokens", { signal }),
  createToken: (body: { name: string; days?: number }) => call<t.CreatedToken>("POST", "/tokens", { body }),
  revokeToken: (token: string) => call<void>("DELETE", `/tokens/${id(token)}`),

  // Step kinds, expressions, schedules
  stepKinds: (signal?: AbortSignal) => call<{ items: t.StepKind[] }>("GET", "/step-kinds", { signal }),
  previewExpression: (
    body: { template: string; context: t.StepContext; document?: t.WorkflowDocument },
    signal?: AbortSignal,
  ) => call<t.Preview>("POST", "/expressions/preview", { body, signal }),
  previewSchedule: (body: { cron: string; timezone: string }, signal?: AbortSignal) =>
    call<t.SchedulePreview>("POST", "/schedules/preview", { body, signal }),

  // Workflows
  workflows: (search?: string, signal?: AbortSignal) =>
    call<{ items: t.WorkflowSummary[] }>("GET", "/workflows", { query: { search }, signal }),
  createWorkflow: (body: { name?: string; document?: t.WorkflowDocument }) =>
    call<t.Workflow>("POST", "/workflows", { body }),
  workflow: (workflow: string, signal?: AbortSignal) =>
    call<t.Workflow>("GET", `/workflows/${id(workflow)}`, { signal }),
  saveDraft: (workflow: string, body: { document: t.WorkflowDocument; base_revision: number }) =>
    call<t.DraftSaved>("PUT", `/workflows/${id(workflow)}/draft`, { body }),
  publish: (workflow: string, body: { base_revision: number; note?: string }) =>
    call<t.Published>("POST", `/workflows/${id(workflow)}/publish`, { body }),
  duplicateWorkflow: (workflow: string) => call<t.Workflow>("POST", `/workflows/${id(workflow)}/duplicate`),
  deleteWorkflow: (workflow: string) => call<void>("DELETE", `/workflows/${id(workflow)}`),
  setActive: (workflow: string, active: boolean) =>
    call<unknown>("PUT", `/workflows/${id(workflow)}/active`, { body: { active } }),
  versions: (workflow: string, signal?: AbortSignal) =>
    call<{ items: t.WorkflowVersion[] }>("GET", `/workflows/${id(workflow)}/versions`, { signal }),
  version: (workflow: string, version: number, signal?: AbortSignal) =>
    call<{ version: number; document: t.WorkflowDocument }>(
      "GET",
      `/workflows/${id(workflow)}/versions/${version}`,
      { signal },
    ),
  restore: (workflow: string, version: number) =>
    call<t.Workflow>("POST", `/workflows/${id(workflow)}/restore`, { body: { version } }),
  validate: (document: t.WorkflowDocument, signal?: AbortSignal) =>
    call<{ problems: t.Problem[] }>("POST", "/workflows/validate", { body: { document }, signal }),
  startRun: (workflow: string, body: { trigger?: t.StepId; payload?: unknown; draft?: boolean }) =>
    call<{ run_id: string }>("POST", `/workflows/${id(workflow)}/runs`, { body }),
  sendEvents: (workflow: string, body: { trigger?: t.StepId; events: { key?: string; body: unknown }[] }) =>
    call<t.EventsAccepted>("POST", `/workflows/${id(workflow)}/events`, { body }),
  testStep: (
    workflow: string,
    step: t.StepId,
    body: { document: t.WorkflowDocument; context: t.StepContext },
    signal?: AbortSignal,
  ) => call<t.StepTest>("POST", `/workflows/${id(workflow)}/steps/${id(step)}/test`, { body, signal }),

  // Runs
  runs: (filter: RunFilter & { cursor?: string | undefined; limit?: number }, signal?: AbortSignal) =>
    call<t.Page<t.RunSummary>>("GET", "/runs", { query: { ...filter }, signal }),
  run: (run: string, signal?: AbortSignal) => call<t.RunView>("GET", `/runs/${id(run)}`, { signal }),
  cancelRun: (run: string) => call<t.RunSummary>("POST", `/runs/${id(run)}/cancel`),

  // Leads
  leads: (filter: LeadFilter & { cursor?: string | undefined; limit?: number }, signal?: AbortSignal) =>
    call<t.Page<t.LeadSummary> & { total: number }>("GET", "/leads", { query: { ...filter }, signal }),
  lead: (lead: string, signal?: AbortSignal) => call<t.Lead>("GET", `/leads/${id(lead)}`, { signal }),
  leadCounts: (signal?: AbortSignal) => call<t.LeadCounts>("GET", "/leads/summary", { signal }),
  owners: (signal?: AbortSignal) => call<{ items: t.Owner[] }>("GET", "/owners", { signal }),
  createOwner: (body: { name: string; email: string }) => call<t.Owner>("POST", "/owners", { body }),
  pools: (signal?: AbortSignal) => call<{ items: t.Pool[] }>("GET", "/pools", { signal }),
  createPool: (body: { name: string }) => call<t.Pool>("POST", "/pools", { body }),
  savePool: (
    pool: string,
    body: { name: string; members: { owner_id: string; weight: number; active: boolean }[] },
  ) => call<t.Pool>("PUT", `/pools/${id(pool)}`, { body }),
  deletePool: (pool: string) => call<void>("DELETE", `/pools/${id(pool)}`),
  lists: (signal?: AbortSignal) => call<{ items: t.LeadList[] }>("GET", "/lists", { signal }),
  stages: (signal?: AbortSignal) => call<{ items: t.Stage[] }>("GET", "/stages", { signal }),
};

/** Addresses of the event streams, for `openStream`. */
export const streams = {
  workspace: `${BASE}/live`,
  run: (run: string) => `${BASE}/runs/${id(run)}/live`,
};
