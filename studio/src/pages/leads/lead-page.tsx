import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { type Lead, useLead, useLeadProvenance, useOwnFields, type ValueOrigin } from "@/api";
import { Moment } from "@/app/moment";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { dateTime } from "@/app/time";
import { fieldText } from "@/pages/fields/field-words";
import { DecisionCard } from "@/pages/routing/decision-card";
import { EraseLead } from "@/storage/erase-lead";
import {
  Button,
  Card,
  Chip,
  CopyButton,
  IconButton,
  JsonView,
  Loading,
  Menu,
  Progress,
  Skeleton,
} from "@/ui";
import { AccountCard } from "./account-card";
import { ClocksCard } from "./clocks-card";
import { EditLeadDialog } from "./edit-lead-dialog";
import { LeadTimeline } from "./lead-timeline";

const route = getRouteApi("/shell/leads/$id");

/** One lead: what is known, where it stands and, for everything that happened to it, why. */
export function LeadPage() {
  const { id } = route.useParams();
  const lead = useLead(id);
  const name = lead.data ? lead.data.name || lead.data.email || "Lead without a name" : "Lead";
  return (
    <Page
      title={name}
      crumbs={[{ label: "Leads", to: "/leads" }]}
      status={lead.data ? <Chip tone="accent">{lead.data.stage}</Chip> : null}
      actions={lead.data ? <LeadActions lead={lead.data} /> : null}
    >
      <div className="mx-auto max-w-[1060px]">
        {lead.isPending ? (
          <LeadSkeleton />
        ) : lead.isError ? (
          <QueryError error={lead.error} onRetry={() => void lead.refetch()} />
        ) : (
          <div className="grid items-start gap-4 lg:grid-cols-[380px_1fr]">
            <div className="flex flex-col gap-4">
              <ScoreCard lead={lead.data} />
              <OwnerCard lead={lead.data} />
              <ClocksCard lead={lead.data.id} />
              <AccountCard lead={lead.data} />
              <RecordCard lead={lead.data} />
            </div>
            <div className="flex min-w-0 flex-col gap-4">
              <DecisionCard lead={lead.data.id} />
              <LeadTimeline activities={lead.data.timeline} />
            </div>
          </div>
        )}
      </div>
    </Page>
  );
}

function LeadActions({ lead }: { lead: Lead }) {
  const [erasing, setErasing] = useState(false);
  const [editing, setEditing] = useState(false);
  return (
    <>
      <Button icon="pencil" onClick={() => setEditing(true)}>
        Edit
      </Button>
      {editing ? <EditLeadDialog lead={lead} onClose={() => setEditing(false)} /> : null}
      <CopyButton text={lead.id} label="Copy id" />
      <Menu
        align="end"
        trigger={<IconButton icon="more" label="More actions" noTooltip />}
        entries={[
          {
            label: "Delete this person’s data…",
            icon: "trash",
            danger: true,
            onSelect: () => setErasing(true),
          },
        ]}
      />
      {erasing ? <EraseLead lead={lead} onClose={() => setErasing(false)} /> : null}
    </>
  );
}

function ScoreCard({ lead }: { lead: Lead }) {
  if (lead.score === null) {
    return (
      <Card title="Score">
        <p className="text-muted">
          Not scored yet. A workflow with the step “Score lead” gives a score and its reasons.
        </p>
      </Card>
    );
  }
  return (
    <Card
      title="Score"
      aside={
        <span className="text-muted">
          <b className="text-xl font-semibold text-text tabular">{lead.score}</b> of 100
        </span>
      }
    >
      <Progress value={lead.score} label="Score" tone="lead" />
      <ul className="mt-2.5 space-y-1">
        {lead.score_reasons.map((reason) => (
          <li key={reason.label} className="flex justify-between gap-3">
            <span>{reason.label}</span>
            <span className={reason.points < 0 ? "text-bad tabular" : "tabular"}>
              {signed(reason.points)}
            </span>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function OwnerCard({ lead }: { lead: Lead }) {
  return (
    <Card title="Owner">
      {lead.owner ? (
        <div className="flex items-start gap-3">
          <span
            aria-hidden
            className="grid size-9 shrink-0 place-items-center rounded-full bg-lead-soft text-sm font-semibold text-lead-text"
          >
            {initials(lead.owner.name)}
          </span>
          <div>
            <p className="text-base font-medium">{lead.owner.name}</p>
            <p className="text-muted">{lead.owner_reason ?? "Why is not recorded."}</p>
          </div>
        </div>
      ) : (
        <p className="text-muted">Nobody has this lead yet.</p>
      )}
      {lead.lists.length > 0 ? (
        <p className="mt-3 flex flex-wrap items-center gap-1.5 border-t border-border pt-3">
          <span className="text-muted">On</span>
          {lead.lists.map((list) => (
            <Chip key={list.id}>{list.name}</Chip>
          ))}
        </p>
      ) : null}
    </Card>
  );
}

function RecordCard({ lead }: { lead: Lead }) {
  const provenance = useLeadProvenance(lead.id, lead.updated_at);
  const origins = new Map(provenance.data?.items.map((origin) => [origin.label, origin]));
  const rows: [string, string | number | boolean | null][] = [
    ["E-mail", lead.email],
    ["Phone", lead.phone],
    ["Job title", lead.job_title],
    ["Company", lead.company],
    ["Company size", lead.company_size],
    ["Industry", lead.industry],
    ["Website", lead.website],
    ["City", lead.city],
    ["Postal code", lead.postal_code],
    ["Region", lead.region],
    ["Country", lead.country],
    ["Source", lead.source],
    ["UTM source", lead.utm_source],
    ["UTM medium", lead.utm_medium],
    ["UTM campaign", lead.utm_campaign],
    ["UTM term", lead.utm_term],
    ["UTM content", lead.utm_content],
    ["Consent", lead.consent],
    ["Consent given", lead.consent_at ? dateTime(lead.consent_at) : null],
    ["Consent source", lead.consent_source],
    ["External id", lead.external_id],
    ["First seen", dateTime(lead.created_at)],
    ["Last changed", dateTime(lead.updated_at)],
  ];
  const known = rows.filter(([, value]) => value !== null && value !== "");
  const unknown = rows
    .filter(([, value]) => value === null || value === "")
    .map(([label]) => label.toLowerCase());
  const typed = useOwnFields().data ?? [];
  const own = typed.filter(({ name }) => name in lead.fields);
  const open = typed.filter(({ name }) => !(name in lead.fields)).map(({ label }) => label.toLowerCase());
  const rest = Object.fromEntries(
    Object.entries(lead.fields).filter(([name]) => !typed.some((field) => field.name === name)),
  );
  return (
    <Card title="Record">
      <dl className="grid grid-cols-[108px_1fr] gap-x-3 gap-y-1.5">
        {[...known, ...own.map(({ name, label }) => [label, lead.fields[name], name] as const)].map(
          ([label, value, name]) => (
            <div key={label} className="contents">
              <dt className="text-muted">{label}</dt>
              <dd className="min-w-0 break-words">
                {fieldText(value)}
                <Origin origin={origins.get(name ?? label)} />
              </dd>
            </div>
          ),
        )}
      </dl>
      {unknown.length + open.length > 0 ? (
        <p className="mt-2 text-xs text-faint">Not known: {[...unknown, ...open].join(", ")}.</p>
      ) : null}
      {Object.keys(rest).length > 0 ? (
        <div className="mt-3 border-t border-border pt-3">
          <h3 className="mb-1 text-xs font-semibold text-muted">Values without a field</h3>
          <JsonView value={rest} label="Values without a field" />
          {Object.keys(rest).map((name) =>
            origins.has(name) ? (
              <p key={name} className="text-xs text-muted">
                {name}: <Origin origin={origins.get(name)} />
              </p>
            ) : null,
          )}
        </div>
      ) : null}
    </Card>
  );
}

/** Who gave a value, when, and how far it is trusted. */
function Origin({ origin }: { origin: ValueOrigin | undefined }) {
  if (!origin) return null;
  const stale = origin.stale_at !== null && Date.parse(origin.stale_at) <= Date.now();
  return (
    <span className="block text-xs text-muted">
      from {origin.provider_name}, <Moment at={origin.at} />, trust {origin.trust}
      {stale ? "; old enough to be asked again" : ""}
    </span>
  );
}

function signed(points: number): string {
  return points < 0 ? `−${Math.abs(points)}` : `+${points}`;
}

function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  return `${words[0]?.[0] ?? ""}${words.length > 1 ? (words.at(-1)?.[0] ?? "") : ""}`.toUpperCase();
}

function LeadSkeleton() {
  return (
    <Loading label="Loading the lead" className="grid gap-4 lg:grid-cols-[380px_1fr]">
      <div className="space-y-4">
        <Skeleton className="h-32 rounded-xl" />
        <Skeleton className="h-24 rounded-xl" />
        <Skeleton className="h-72 rounded-xl" />
      </div>
      <Skeleton className="h-96 rounded-xl" />
    </Loading>
  );
}
