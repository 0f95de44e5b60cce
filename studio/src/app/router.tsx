/**
 * The pages and their addresses. Each page is a chunk of its own, loaded when first opened (and prefetched when a
 * link to it is pointed at), so that the first page does not pay for the editor.
 */
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  type RouterHistory,
  redirect,
} from "@tanstack/react-router";
import { type InboxKind, type RunStatus, whenServed } from "@/api";
import { readLeadAddress } from "@/pages/leads/address";
import { NotFound, PageCrash, PageLoading } from "./fallbacks";
import { Shell } from "./shell";

const root = createRootRoute({ component: Outlet });

/** A page's code; a link followed while the server is away opens as soon as it is back. */
const page = <Module extends Record<string, unknown>, Name extends keyof Module>(
  load: () => Promise<Module>,
  name: Name,
) => lazyRouteComponent(() => whenServed(load), name);

const text = (value: unknown): string => (typeof value === "string" ? value : "");

const setup = createRoute({
  getParentRoute: () => root,
  path: "/setup",
  validateSearch: (search: Record<string, unknown>) => ({ token: text(search.token) }),
  component: page(() => import("@/pages/setup/setup-page"), "SetupPage"),
});

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: (search: Record<string, unknown>) => ({ back: text(search.back) }),
  component: page(() => import("@/pages/sign-in/sign-in-page"), "SignInPage"),
});

const shell = createRoute({ getParentRoute: () => root, id: "shell", component: Shell });

const home = createRoute({
  getParentRoute: () => shell,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/workflows" });
  },
});

const workflows = createRoute({
  getParentRoute: () => shell,
  path: "/workflows",
  component: page(() => import("@/pages/workflows/workflows-page"), "WorkflowsPage"),
});

const editor = createRoute({
  getParentRoute: () => shell,
  path: "/workflows/$id",
  component: page(() => import("@/pages/workflows/build-page"), "BuildPage"),
});

/** Filters live in the address, so that a filtered list can be sent to a colleague. */
const runFilters = (search: Record<string, unknown>): { status?: RunStatus; search?: string } => ({
  ...(isRunStatus(search.status) ? { status: search.status } : {}),
  ...(text(search.search) ? { search: text(search.search) } : {}),
});

const RUN_STATUSES: readonly unknown[] = [
  "queued",
  "running",
  "waiting",
  "paused",
  "completed",
  "failed",
  "cancelled",
];
function isRunStatus(value: unknown): value is RunStatus {
  return RUN_STATUSES.includes(value);
}

const inbox = createRoute({
  getParentRoute: () => shell,
  path: "/inbox",
  validateSearch: (search: Record<string, unknown>): { kind?: InboxKind; item?: string } => ({
    ...(search.kind === "approval" || search.kind === "decision" ? { kind: search.kind } : {}),
    ...(text(search.item) ? { item: text(search.item) } : {}),
  }),
  component: page(() => import("@/inbox/inbox-page"), "InboxPage"),
});

const workflowRuns = createRoute({
  getParentRoute: () => shell,
  path: "/workflows/$id/runs",
  validateSearch: runFilters,
  component: page(() => import("@/pages/runs/workflow-runs-page"), "WorkflowRunsPage"),
});

const versions = createRoute({
  getParentRoute: () => shell,
  path: "/workflows/$id/versions",
  component: page(() => import("@/pages/workflows/versions-page"), "VersionsPage"),
});

const runs = createRoute({
  getParentRoute: () => shell,
  path: "/runs",
  validateSearch: runFilters,
  component: page(() => import("@/pages/runs/runs-page"), "RunsPage"),
});

const run = createRoute({
  getParentRoute: () => shell,
  path: "/runs/$id",
  component: page(() => import("@/pages/runs/run-view-page"), "RunViewPage"),
});

const jobs = createRoute({
  getParentRoute: () => shell,
  path: "/jobs",
  validateSearch: (search: Record<string, unknown>): { workflow?: string } =>
    text(search.workflow) ? { workflow: text(search.workflow) } : {},
  component: page(() => import("@/jobs/jobs-page"), "JobsPage"),
});

const job = createRoute({
  getParentRoute: () => shell,
  path: "/jobs/$id",
  validateSearch: (search: Record<string, unknown>): { group?: string; item?: number } => ({
    ...(text(search.group) ? { group: text(search.group) } : {}),
    ...(typeof search.item === "number" ? { item: search.item } : {}),
  }),
  component: page(() => import("@/jobs/job-page"), "JobPage"),
});

const leads = createRoute({
  getParentRoute: () => shell,
  path: "/leads",
  validateSearch: readLeadAddress,
  component: page(() => import("@/pages/leads/leads-page"), "LeadsPage"),
});

const lead = createRoute({
  getParentRoute: () => shell,
  path: "/leads/$id",
  component: page(() => import("@/pages/leads/lead-page"), "LeadPage"),
});

const accounts = createRoute({
  getParentRoute: () => shell,
  path: "/accounts",
  validateSearch: (search: Record<string, unknown>) => {
    const filters: { search?: string; owner?: string; named?: string; open?: string } = {};
    for (const name of ["search", "owner", "named", "open"] as const) {
      const value = search[name] === true ? "true" : text(search[name]);
      if (value) filters[name] = value;
    }
    return filters;
  },
  component: page(() => import("@/pages/accounts/accounts-page"), "AccountsPage"),
});

const account = createRoute({
  getParentRoute: () => shell,
  path: "/accounts/$id",
  component: page(() => import("@/pages/accounts/account-page"), "AccountPage"),
});

const WAITING = ["ambiguous", "none", "later", "not_a_company"] as const;

const unmatched = createRoute({
  getParentRoute: () => shell,
  path: "/unmatched",
  validateSearch: (
    search: Record<string, unknown>,
  ): { status?: (typeof WAITING)[number]; search?: string; lead?: string } => {
    const status = WAITING.find((waiting) => waiting === search.status);
    return {
      ...(status ? { status } : {}),
      ...(text(search.search) ? { search: text(search.search) } : {}),
      ...(text(search.lead) ? { lead: text(search.lead) } : {}),
    };
  },
  component: page(() => import("@/pages/unmatched/unmatched-page"), "UnmatchedPage"),
});

const matching = createRoute({
  getParentRoute: () => shell,
  path: "/matching",
  component: page(() => import("@/pages/matching/matching-page"), "MatchingPage"),
});

const imports = createRoute({
  getParentRoute: () => shell,
  path: "/imports",
  component: page(() => import("@/imports/imports-page"), "ImportsPage"),
});

const listImport = createRoute({
  getParentRoute: () => shell,
  path: "/imports/$id",
  component: page(() => import("@/imports/import-page"), "ImportPage"),
});

const duplicates = createRoute({
  getParentRoute: () => shell,
  path: "/duplicates",
  component: page(() => import("@/pages/duplicates/duplicates-page"), "DuplicatesPage"),
});

const pools = createRoute({
  getParentRoute: () => shell,
  path: "/pools",
  component: page(() => import("@/pages/pools/pools-page"), "PoolsPage"),
});

const pool = createRoute({
  getParentRoute: () => shell,
  path: "/pools/$id",
  component: page(() => import("@/pages/pools/pool-page"), "PoolPage"),
});

const routing = createRoute({
  getParentRoute: () => shell,
  path: "/routing",
  component: page(() => import("@/pages/routing/routing-page"), "RoutingPage"),
});

const routingTable = createRoute({
  getParentRoute: () => shell,
  path: "/routing/$id",
  component: page(() => import("@/pages/routing/table-page"), "RoutingTablePage"),
});

const fairness = createRoute({
  getParentRoute: () => shell,
  path: "/routing/$id/fairness",
  component: page(() => import("@/pages/routing/fairness-page"), "FairnessPage"),
});

const sla = createRoute({
  getParentRoute: () => shell,
  path: "/sla",
  component: page(() => import("@/pages/sla/sla-page"), "SlaPage"),
});

const slaPolicy = createRoute({
  getParentRoute: () => shell,
  path: "/sla/$id",
  component: page(() => import("@/pages/sla/policy-page"), "SlaPolicyPage"),
});

const enrichment = createRoute({
  getParentRoute: () => shell,
  path: "/enrichment",
  component: page(() => import("@/pages/enrichment/enrichment-page"), "EnrichmentPage"),
});

const waterfall = createRoute({
  getParentRoute: () => shell,
  path: "/enrichment/$id",
  component: page(() => import("@/pages/enrichment/waterfall-page"), "WaterfallPage"),
});

const tables = createRoute({
  getParentRoute: () => shell,
  path: "/tables",
  component: page(() => import("@/pages/tables/tables-page"), "TablesPage"),
});

const table = createRoute({
  getParentRoute: () => shell,
  path: "/tables/$id",
  component: page(() => import("@/pages/tables/table-page"), "TablePage"),
});

const suppression = createRoute({
  getParentRoute: () => shell,
  path: "/suppression",
  component: page(() => import("@/pages/suppression/suppression-page"), "SuppressionPage"),
});

const scoring = createRoute({
  getParentRoute: () => shell,
  path: "/scoring",
  validateSearch: (search: Record<string, unknown>): { model?: string } =>
    text(search.model) ? { model: text(search.model) } : {},
  component: page(() => import("@/pages/scoring/scoring-page"), "ScoringPage"),
});

const fields = createRoute({
  getParentRoute: () => shell,
  path: "/fields",
  component: page(() => import("@/pages/fields/fields-page"), "FieldsPage"),
});

const lifecycle = createRoute({
  getParentRoute: () => shell,
  path: "/lifecycle",
  component: page(() => import("@/pages/lifecycle/lifecycle-page"), "LifecyclePage"),
});

const segments = createRoute({
  getParentRoute: () => shell,
  path: "/segments",
  component: page(() => import("@/pages/segments/segments-page"), "SegmentsPage"),
});

const segment = createRoute({
  getParentRoute: () => shell,
  path: "/segments/$id",
  component: page(() => import("@/pages/segments/segment-page"), "SegmentPage"),
});

const settings = createRoute({
  getParentRoute: () => shell,
  path: "/settings",
  component: page(() => import("@/pages/settings/settings-page"), "SettingsPage"),
});

const connections = createRoute({
  getParentRoute: () => shell,
  path: "/settings/connections",
  validateSearch: (search: Record<string, unknown>) => {
    const back: { connected?: string; trouble?: string; said?: string } = {};
    for (const name of ["connected", "trouble", "said"] as const) {
      const value = text(search[name]);
      if (value) back[name] = value;
    }
    return back;
  },
  component: page(() => import("@/pages/connections/connections-page"), "ConnectionsPage"),
});

const sync = createRoute({
  getParentRoute: () => shell,
  path: "/settings/sync",
  component: page(() => import("@/pages/sync/sync-page"), "SyncPage"),
});

const connectors = createRoute({
  getParentRoute: () => shell,
  path: "/settings/connectors",
  component: page(() => import("@/pages/connectors/connectors-page"), "ConnectorsPage"),
});

const connectorImport = createRoute({
  getParentRoute: () => shell,
  path: "/settings/connectors/import",
  validateSearch: (search: Record<string, unknown>) => {
    const [id, again] = [text(search.id), text(search.again)];
    return { ...(id ? { id } : {}), ...(again ? { again } : {}) };
  },
  component: page(() => import("@/pages/connectors/import-page"), "ConnectorImportPage"),
});

const plugins = createRoute({
  getParentRoute: () => shell,
  path: "/settings/plugins",
  component: page(() => import("@/pages/plugins/plugins-page"), "PluginsPage"),
});

/** Whatever has no page, shown inside the shell so that there is a way on. */
const nowhere = createRoute({ getParentRoute: () => shell, path: "$", component: NotFound });

const routeTree = root.addChildren([
  setup,
  signIn,
  shell.addChildren([
    home,
    workflows,
    editor,
    workflowRuns,
    versions,
    runs,
    run,
    jobs,
    job,
    inbox,
    leads,
    lead,
    accounts,
    account,
    unmatched,
    matching,
    imports,
    listImport,
    duplicates,
    pools,
    pool,
    routing,
    routingTable,
    fairness,
    sla,
    slaPolicy,
    enrichment,
    waterfall,
    tables,
    table,
    suppression,
    scoring,
    lifecycle,
    fields,
    segments,
    segment,
    settings,
    connections,
    sync,
    connectors,
    connectorImport,
    plugins,
    nowhere,
  ]),
]);

/** A router over the browser's address, or over the history given (tests use one in memory). */
export function createStudioRouter(history?: RouterHistory) {
  return createRouter({
    routeTree,
    defaultPreload: "intent",
    defaultPendingComponent: PageLoading,
    defaultErrorComponent: PageCrash,
    // The content scrolls inside its frame, not the window.
    scrollRestoration: true,
    scrollToTopSelectors: ["#main"],
    ...(history ? { history } : {}),
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createStudioRouter>;
  }
}
