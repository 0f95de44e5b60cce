import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { type Rule, ruleKeys, rulesApi, useLeads, useRule, useTriedRule } from "@/api";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { sayError } from "@/app/say-error";
import { number } from "@/jobs/job-words";
import { CriteriaEditor } from "@/rules/criteria-editor";
import { LeadPicker } from "@/rules/lead-picker";
import { Problems, PublishButton, Sentences, TrialCard } from "@/rules/rule-bar";
import { RuleStatus } from "@/rules/rule-status";
import { useDraft } from "@/rules/use-draft";
import { VersionsCard } from "@/rules/versions-card";
import { Button, Card, Chip, ConfirmDialog, Input, Loading, Skeleton } from "@/ui";
import { RunForSegment } from "./run-for-segment";

const route = getRouteApi("/shell/segments/$id");
const CRUMBS = [{ label: "Segments", to: "/segments" as const }];

/** One segment: its rule, who would move with a change of it, and who belongs to it. */
export function SegmentPage() {
  const { id } = route.useParams();
  const rule = useRule("segment", id);
  if (rule.data) return <SegmentEditor key={id} rule={rule.data} />;
  return (
    <Page title="Segment" section="leads" crumbs={CRUMBS}>
      {rule.isError ? (
        <QueryError error={rule.error} onRetry={() => void rule.refetch()} />
      ) : (
        <Loading label="Loading the segment">
          <Skeleton className="h-48 rounded-xl" />
        </Loading>
      )}
    </Page>
  );
}

function SegmentEditor({ rule }: { rule: Rule }) {
  const draft = useDraft(rule);
  const set = (change: Record<string, unknown>) => draft.set({ ...draft.document, ...change });
  return (
    <Page
      title={rule.name}
      section="leads"
      crumbs={CRUMBS}
      status={<RuleStatus rule={rule} saved={draft.saved} />}
      actions={
        <>
          <RemoveSegment rule={rule} />
          <PublishButton rule={rule} draft={draft} />
        </>
      }
    >
      <div className="mx-auto grid max-w-[1240px] items-start gap-4 xl:grid-cols-[minmax(0,1fr)_360px]">
        <div className="flex min-w-0 flex-col gap-4">
          <Problems rule={rule} />
          <Card title="Who belongs to it">
            <Input
              size="small"
              className="mb-3"
              aria-label="What the segment is for"
              placeholder="What it is for"
              value={String(draft.document.description ?? "")}
              onChange={(event) => set({ description: event.target.value })}
            />
            <CriteriaEditor
              value={draft.document.rule}
              name="the rule"
              onChange={(next) => set({ rule: next })}
            />
          </Card>
          <TrialCard rule={rule} draft={draft} title="Preview" button="Who would move?">
            Asks the draft and the version in force of every lead, and says who would enter and who would
            leave. Nothing is written.
          </TrialCard>
          <MembersCard rule={rule} />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <SampleCard document={draft.document} />
          {rule.version !== null && rule.changes.length > 0 ? (
            <Card>
              <Sentences title={`Changed from v${rule.version}`} lines={rule.changes} />
            </Card>
          ) : null}
          <VersionsCard rule={rule} draft={draft} />
        </div>
      </div>
    </Page>
  );
}

function SampleCard({ document }: { document: Rule["draft"] }) {
  const [lead, setLead] = useState("");
  const { data } = useTriedRule("segment", document, lead);
  return (
    <Card title="With a lead" aside={<LeadPicker value={lead} onChange={setLead} />}>
      {data?.belongs ? (
        <p className="text-sm">
          <Chip tone={data.belongs.holds ? "ok" : "neutral"} className="mr-1.5">
            {data.belongs.holds ? "Belongs" : "Does not belong"}
          </Chip>
          <span className="font-medium">{data.lead?.name}</span>
          <span className="text-muted">: {data.belongs.why}</span>
        </p>
      ) : (
        <p className="text-sm text-muted">
          {data ? "There is no lead yet, or the draft cannot be tried as it stands." : "Trying…"}
        </p>
      )}
    </Card>
  );
}

function MembersCard({ rule }: { rule: Rule }) {
  const leads = useLeads({ segment: rule.name });
  if (rule.version === null) return null;
  const rows = leads.data?.pages.flatMap((page) => page.items) ?? [];
  const total = leads.data?.pages[0]?.total ?? 0;
  return (
    <Card
      title="Leads in it now"
      subtitle={leads.data ? number(total) : ""}
      aside={<RunForSegment segment={rule.name} leads={total} />}
    >
      {leads.data && rows.length === 0 ? (
        <p className="text-sm text-muted">Nobody at the moment.</p>
      ) : (
        <ul className="grid gap-x-4 gap-y-1 sm:grid-cols-2" data-members={total}>
          {rows.slice(0, 20).map(({ id, name, company }) => (
            <li key={id} className="truncate text-sm">
              <Link to="/leads/$id" params={{ id }} className="font-medium hover:underline">
                {name}
              </Link>
              {company ? <span className="text-muted"> · {company}</span> : null}
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function RemoveSegment({ rule }: { rule: Rule }) {
  const [open, setOpen] = useState(false);
  const client = useQueryClient();
  const navigate = route.useNavigate();
  const remove = async () => {
    try {
      await rulesApi.remove("segment", rule.id);
    } catch (error) {
      sayError("It was not removed")(error);
      throw error;
    }
    await client.invalidateQueries({ queryKey: ruleKeys.all });
    void navigate({ to: "/segments" });
  };
  return (
    <>
      <Button variant="ghost" icon="trash" onClick={() => setOpen(true)}>
        Remove
      </Button>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        danger
        title={`Remove ${rule.name}?`}
        description="All leads leave it, and its versions are gone. Workflows that ask for it fail until they ask for another."
        confirmLabel="Remove segment"
        onConfirm={remove}
      />
    </>
  );
}
