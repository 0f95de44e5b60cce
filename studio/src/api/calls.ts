/**
 * Every call of the API the studio makes, one function each. They throw `ApiError` or `UnreachableError`.
 *
 * Paths, parameters and bodies are checked against the generated description; answers get the studio's sharper names.
 */
import { BASE, client, rememberCsrf } from "./client";
import { setCsrf } from "./transport";
import type * as t from "./types";

/** What an answer holds, under the studio's name for it; refusals were thrown by the transport. */
async function read<Answer>(answer: Promise<{ data?: unknown }>): Promise<Answer> {
  return (await answer).data as Answer;
}

/** Only the parameters that say something: an empty filter is none. */
function filled<Query extends object>(query: Query): Query {
  return Object.fromEntries(
    Object.entries(query).filter(([, value]) => value !== "" && value !== undefined),
  ) as Query;
}

/** For calls that may be given up: `fetch` wants no `signal: undefined`. */
const until = (signal: AbortSignal | undefined) => (signal ? { signal } : {});
const at = (id: string) => ({ params: { path: { id } } });

export interface RunFilter {
  workflow?: string | undefined;
  status?: t.RunStatus | undefined;
  search?: string | undefined;
}

export interface LeadFilter {
  search?: string | undefined;
  stage?: string | undefined;
  owner?: string | undefined;
  list?: string | undefined;
  segment?: string | undefined;
  /** Only those that this import was about. */
  import?: string | undefined;
  /** A rule, as segments have it. */
  filter?: Record<string, unknown> | undefined;
  sort?: string | undefined;
}

interface PageQuery {
  cursor?: string | undefined;
  limit?: number;
}

const session = {
  session: async (signal?: AbortSignal) =>
    rememberCsrf(await read<t.Session>(client.GET("/session", until(signal)))),
  setUp: async (body: { token: string; email: string; password: string; workspace_name?: string }) =>
    rememberCsrf(await read<t.Session>(client.POST("/setup", { body }))),
  signIn: async (body: { email: string; password: string }) =>
    rememberCsrf(await read<t.Session>(client.POST("/session", { body }))),
  signOut: async () => {
    await client.DELETE("/session");
    setCsrf(undefined);
  },
  tokens: (signal?: AbortSignal) => read<t.Listed<t.ApiToken>>(client.GET("/tokens", until(signal))),
  createToken: (body: { name: string; days?: number }) =>
    read<t.CreatedToken>(client.POST("/tokens", { body })),
  revokeToken: (token: string) => read<void>(client.DELETE("/tokens/{id}", at(token))),
};

const building = {
  stepKinds: (signal?: AbortSignal) => read<t.StepKindList>(client.GET("/step-kinds", until(signal))),
  previewExpression: (
    body: { template: string; context: t.StepContext; document?: t.WorkflowDocument },
    signal?: AbortSignal,
  ) =>
    read<t.Preview>(
      client.POST("/expressions/preview", {
        body: { ...body, context: { ...body.context } },
        ...until(signal),
      }),
    ),
  previewSchedule: (body: { cron: string; timezone: string }, signal?: AbortSignal) =>
    read<t.SchedulePreview>(client.POST("/schedules/preview", { body, ...until(signal) })),
  validate: (document: t.WorkflowDocument, signal?: AbortSignal) =>
    read<{ problems: t.Problem[] }>(
      client.POST("/workflows/validate", { body: { document }, ...until(signal) }),
    ),
  testStep: (
    workflow: string,
    step: t.StepId,
    body: { document: t.WorkflowDocument; context: t.StepContext },
    signal?: AbortSignal,
  ) =>
    read<t.StepTest>(
      client.POST("/workflows/{id}/steps/{step}/test", {
        params: { path: { id: workflow, step } },
        body: { document: body.document, context: { ...body.context } },
        ...until(signal),
      }),
    ),
};

const workflows = {
  workflows: (search = "", signal?: AbortSignal) =>
    read<t.Listed<t.WorkflowSummary>>(
      client.GET("/workflows", { params: { query: filled({ search }) }, ...until(signal) }),
    ),
  createWorkflow: (body: { name?: string; document?: t.WorkflowDocument }) =>
    read<t.Workflow>(client.POST("/workflows", { body })),
  workflow: (id: string, signal?: AbortSignal) =>
    read<t.Workflow>(client.GET("/workflows/{id}", { ...at(id), ...until(signal) })),
  saveDraft: (id: string, body: { document: t.WorkflowDocument; base_revision: number }) =>
    read<t.DraftSaved>(client.PUT("/workflows/{id}/draft", { ...at(id), body })),
  publish: (id: string, body: { base_revision: number; note?: string }) =>
    read<t.Published>(client.POST("/workflows/{id}/publish", { ...at(id), body })),
  duplicateWorkflow: (id: string) => read<t.Workflow>(client.POST("/workflows/{id}/duplicate", at(id))),
  deleteWorkflow: (id: string) => read<void>(client.DELETE("/workflows/{id}", at(id))),
  setActive: (id: string, active: boolean) =>
    read<unknown>(client.PUT("/workflows/{id}/active", { ...at(id), body: { active } })),
  versions: (id: string, signal?: AbortSignal) =>
    read<t.Listed<t.WorkflowVersion>>(
      client.GET("/workflows/{id}/versions", { ...at(id), ...until(signal) }),
    ),
  version: (id: string, version: number, signal?: AbortSignal) =>
    read<t.VersionDocument>(
      client.GET("/workflows/{id}/versions/{version}", {
        params: { path: { id, version } },
        ...until(signal),
      }),
    ),
  restore: (id: string, version: number) =>
    read<t.Workflow>(client.POST("/workflows/{id}/restore", { ...at(id), body: { version } })),
};

const runs = {
  startRun: (workflow: string, body: { trigger?: t.StepId; payload?: unknown; draft?: boolean }) =>
    read<{ run_id: string }>(client.POST("/workflows/{id}/runs", { ...at(workflow), body })),
  runs: (query: RunFilter & PageQuery, signal?: AbortSignal) =>
    read<t.Page<t.RunSummary>>(
      client.GET("/runs", { params: { query: filled(query) as PageQuery }, ...until(signal) }),
    ),
  run: (id: string, signal?: AbortSignal) =>
    read<t.RunView>(client.GET("/runs/{id}", { ...at(id), ...until(signal) })),
  cancelRun: (id: string) => read<t.RunSummary>(client.POST("/runs/{id}/cancel", at(id))),
};

const leads = {
  leads: (
    { filter, ...plain }: LeadFilter & PageQuery & { columns?: string | undefined },
    signal?: AbortSignal,
  ) => {
    const query = filled({ ...plain, filter: filter ? JSON.stringify(filter) : undefined });
    return read<t.LeadPage>(
      client.GET("/leads", { params: { query: query as PageQuery }, ...until(signal) }),
    );
  },
  lead: (id: string, signal?: AbortSignal) =>
    read<t.Lead>(client.GET("/leads/{id}", { ...at(id), ...until(signal) })),
  leadCounts: (signal?: AbortSignal) => read<t.LeadCounts>(client.GET("/leads/summary", until(signal))),
  owners: (signal?: AbortSignal) => read<t.Listed<t.Owner>>(client.GET("/owners", until(signal))),
  pools: (signal?: AbortSignal) => read<t.Listed<t.Pool>>(client.GET("/pools", until(signal))),
  createPool: (body: { name: string }) => read<t.Pool>(client.POST("/pools", { body })),
  deletePool: (id: string) => read<void>(client.DELETE("/pools/{id}", at(id))),
  lists: (signal?: AbortSignal) => read<t.Listed<t.LeadList>>(client.GET("/lists", until(signal))),
  stages: (signal?: AbortSignal) => read<t.Listed<t.Stage>>(client.GET("/stages", until(signal))),
};

export const api = { ...session, ...building, ...workflows, ...runs, ...leads };

/** Addresses of the event streams, for `openStream`. */
export const streams = {
  workspace: `${BASE}/live`,
  run: (id: string) => `${BASE}/runs/${encodeURIComponent(id)}/live`,
};
