import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { type Rule, useRule, useRules, useTriedRule } from "@/api";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { Gauge } from "@/rules/gauge";
import { LeadPicker } from "@/rules/lead-picker";
import { NewRuleButton } from "@/rules/new-rule";
import { Problems, PublishButton, Sentences, TrialCard } from "@/rules/rule-bar";
import { RuleStatus } from "@/rules/rule-status";
import { useDraft } from "@/rules/use-draft";
import { VersionsCard } from "@/rules/versions-card";
import { Card, EmptyState, Loading, Select, Skeleton } from "@/ui";
import { BehaviourCard } from "./behaviour-card";
import { FitCard } from "./fit-card";
import { FIRST_MODEL, readModel, writeModel } from "./model";
import { ScoreAgain } from "./score-again";
import { ThresholdCard } from "./threshold-card";

const route = getRouteApi("/shell/scoring");

/** Scoring models: the one that is chosen, or the first. */
export function ScoringPage() {
  const models = useRules("scoring_model");
  const { model } = route.useSearch();
  const chosen = models.data?.find(({ id }) => id === model) ?? models.data?.[0];
  if (models.isError) {
    return (
      <Page title="Scoring" section="rules">
        <QueryError error={models.error} onRetry={() => void models.refetch()} />
      </Page>
    );
  }
  if (models.isPending) return <Waiting />;
  if (!chosen) {
    return (
      <Page title="Scoring" section="rules" actions={<NewModel />}>
        <Card>
          <EmptyState icon="gauge" title="No scoring model yet" action={<NewModel />}>
            A model says what a lead is worth: points for who they are, points for what they do, which fade
            with time, and the score at which marketing hands a lead to sales. Every lead is scored as soon as
            something about it changes.
          </EmptyState>
        </Card>
      </Page>
    );
  }
  return <Loaded key={chosen.id} id={chosen.id} />;
}

function NewModel() {
  const navigate = route.useNavigate();
  return (
    <NewRuleButton
      kind="scoring_model"
      label="New model"
      suggestion="Inbound"
      draft={FIRST_MODEL}
      onMade={(rule) => void navigate({ search: { model: rule.id } })}
    />
  );
}

function Waiting() {
  return (
    <Page title="Scoring" section="rules">
      <Loading label="Loading the scoring model" className="flex flex-col gap-4">
        <Skeleton className="h-48 rounded-xl" />
        <Skeleton className="h-32 rounded-xl" />
      </Loading>
    </Page>
  );
}

function Loaded({ id }: { id: string }) {
  const rule = useRule("scoring_model", id);
  if (rule.isError) {
    return (
      <Page title="Scoring" section="rules">
        <QueryError error={rule.error} onRetry={() => void rule.refetch()} />
      </Page>
    );
  }
  return rule.data ? <ModelEditor rule={rule.data} /> : <Waiting />;
}

function ModelEditor({ rule }: { rule: Rule }) {
  const draft = useDraft(rule);
  const model = readModel(draft.document);
  const change = (next: typeof model) => draft.set(writeModel(next));
  return (
    <Page
      title="Scoring"
      section="rules"
      status={<RuleStatus rule={rule} saved={draft.saved} />}
      actions={
        <>
          <ModelChoice id={rule.id} />
          <NewModel />
          {rule.version === null ? null : <ScoreAgain />}
          <PublishButton rule={rule} draft={draft} />
        </>
      }
    >
      <div className="mx-auto grid max-w-[1240px] items-start gap-4 xl:grid-cols-[minmax(0,1fr)_360px]">
        <div className="flex min-w-0 flex-col gap-4">
          <Problems rule={rule} />
          <FitCard model={model} onChange={change} />
          <BehaviourCard model={model} onChange={change} />
          <ThresholdCard model={model} onChange={change} />
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          <SampleCard document={draft.document} thresholds={model.thresholds} />
          <TrialCard rule={rule} draft={draft} title="Back-test" button="Back-test this change">
            Scores every lead by the draft and by the version in force, and says who would cross a threshold.
            Nothing is written.
          </TrialCard>
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

function ModelChoice({ id }: { id: string }) {
  const models = useRules("scoring_model").data ?? [];
  const navigate = route.useNavigate();
  if (models.length < 2) return null;
  return (
    <Select
      size="small"
      className="!w-44"
      aria-label="Scoring model"
      value={id}
      options={models.map((model) => ({ value: model.id, label: model.name }))}
      onValueChange={(model) => void navigate({ search: { model } })}
    />
  );
}

interface SampleCardProps {
  readonly document: Rule["draft"];
  readonly thresholds: readonly { readonly at: number; readonly name: string }[];
}

/** What the draft says of one lead, at once. */
function SampleCard({ document, thresholds }: SampleCardProps) {
  const [lead, setLead] = useState("");
  const tried = useTriedRule("scoring_model", document, lead);
  return (
    <Card title="With a lead" aside={<LeadPicker value={lead} onChange={setLead} />}>
      {tried.data?.score ? (
        <>
          <p className="mb-1 truncate text-sm text-muted">{tried.data.lead?.name}</p>
          <Gauge score={tried.data.score} thresholds={thresholds} />
        </>
      ) : (
        <p className="text-sm text-muted">
          {tried.data?.problems[0]
            ? "The draft cannot be tried as it stands."
            : tried.data
              ? "There is no lead yet to try it on."
              : "Trying…"}
        </p>
      )}
    </Card>
  );
}
