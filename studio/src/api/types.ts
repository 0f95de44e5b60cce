/**
 * What the API speaks, in the studio's words. Each name is the generated schema (`npm run api`), sharpened where the
 * generator cannot know better: documents and step kinds are those of `@/document/types`, and fields the server
 * always writes, if only as `null`, are not optional.
 */
import type { Json, Problem, StepId, StepKind, WorkflowDocument } from "@/document/types";
import type { InboxItem } from "./inbox";
import type { components } from "./schema";

export type {
  Category,
  Edge,
  Graph,
  Json,
  JsonSchema,
  PortRule,
  Problem,
  Step,
  StepId,
  StepKind,
  WorkflowDocument,
} from "@/document/types";

type Schemas = components["schemas"];

/** The schema with fields that are always there; the description calls every nullable field optional. */
type Always<Schema, Fields extends keyof Schema> = Omit<Schema, Fields> & {
  [Field in Fields]-?: Exclude<Schema[Field], undefined>;
};

/** The schema with some fields told more exactly. */
type Sharper<Schema, Fields> = Omit<Schema, keyof Fields> & Fields;

// Session
export type Session = Schemas["Session"];
export type ApiToken = Always<Schemas["Token"], "expires_at" | "last_used_at">;
/** `token` is shown once and never sent again. */
export type CreatedToken = Always<Schemas["CreatedToken"], "expires_at">;

// Workflows
export type WorkflowSummary = Always<Schemas["WorkflowSummary"], "published_version" | "last_run_at">;
export type Hook = Schemas["Hook"];
export type Workflow = Sharper<
  Always<Schemas["Workflow"], "published_version">,
  { draft: WorkflowDocument; published: WorkflowDocument | null; problems: Problem[] }
>;
export type DraftSaved = Sharper<Schemas["SavedDraft"], { problems: Problem[] }>;
export type Published = Sharper<Schemas["PublishedDraft"], { problems: Problem[] }>;
export type WorkflowVersion = Always<Schemas["VersionSummary"], "published_by" | "note">;
export type VersionDocument = Sharper<Schemas["VersionDocument"], { document: WorkflowDocument }>;

// Runs
export type RunStatus = Schemas["RunStatus"] | "queued" | "paused";
export type StepStatus = Schemas["StepStatus"] | "uncertain";
export type StepError = Schemas["StepError"];
export type RunSummary = Sharper<
  Always<Schemas["RunSummary"], "version" | "lead_id" | "finished_at" | "duration_ms">,
  { status: RunStatus }
>;
export type Written = Schemas["WrittenField"];
export type StepView = Sharper<Schemas["StepView"], { status: StepStatus }>;
export type EdgeView = Schemas["EdgeView"];
export interface RunView extends RunSummary {
  document: WorkflowDocument;
  steps: StepView[];
  edges: EdgeView[];
  vars?: Record<string, Json>;
  trigger_step: StepId;
  /** How far its loops are; only those that are long enough to be worth a bar. */
  progress?: LoopProgress[];
  /** What it waits for: a person's word, another system's call, something that happens to a lead. */
  waiting_for?: InboxItem[];
  /** When all but its beginning and its end was thinned out of the history. */
  thinned_at?: string | null;
}
/** How far one loop of a run is. */
export interface LoopProgress {
  step: StepId;
  step_title: string;
  /** Items that are through, the failed ones included. */
  done: number;
  failed: number;
  /** Null while it is not known how many there will be. */
  total: number | null;
}
export type StepTest = Schemas["StepTest"];

/** What expressions see in a test or a preview. */
export interface StepContext {
  trigger?: Json;
  steps?: Record<StepId, Json>;
  item?: Json;
  index?: number;
}
export type Preview = Schemas["Preview"];
export type SchedulePreview = Schemas["SchedulePreview"];
export type EventsAccepted = Schemas["BatchResult"];

// Leads
export type LeadSummary = Always<Schemas["LeadSummary"], "email" | "company" | "score" | "owner" | "source">;
export type Activity = Schemas["Activity"];
export type Lead = Always<
  Schemas["Lead"],
  | "external_id"
  | "email"
  | "phone"
  | "first_name"
  | "last_name"
  | "job_title"
  | "company"
  | "company_size"
  | "industry"
  | "website"
  | "country"
  | "city"
  | "region"
  | "postal_code"
  | "source"
  | "utm_source"
  | "utm_medium"
  | "utm_campaign"
  | "utm_term"
  | "utm_content"
  | "consent"
  | "consent_at"
  | "consent_source"
  | "score"
  | "owner"
  | "owner_reason"
  | "account_id"
  | "account_reason"
>;
export type LeadCounts = Sharper<
  Schemas["LeadsSummary"],
  { by_owner: Always<Schemas["OwnerCount"], "owner">[] }
>;
export type Owner = Schemas["Owner"];
export type PoolMember = Schemas["PoolMember"];
export type Pool = Schemas["Pool"];
export type LeadList = Schemas["LeadList"];
export type Stage = Schemas["Stage"];

/** What a list answers with. */
export interface Listed<Item> {
  items: Item[];
}

/** A part of a long list. */
export interface Page<Item> extends Listed<Item> {
  /** Cursor of the next page; null on the last. */
  next: string | null;
}

/** `at_least`: there may be more than `total`; of very many only so many are counted. */
export type LeadPage = Page<LeadSummary> & {
  total: number;
  at_least: boolean;
  /** Leads that were looked through one by one, where no index had the answer. */
  looked_at: number;
};
export type StepKindList = Listed<StepKind>;
