import { type Rule, useRule, useRules, useStages } from "@/api";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { NewRuleButton } from "@/rules/new-rule";
import { Problems, PublishButton, Sentences } from "@/rules/rule-bar";
import { RuleStatus } from "@/rules/rule-status";
import { useDraft } from "@/rules/use-draft";
import { VersionsCard } from "@/rules/versions-card";
import { Button, Card, EmptyState, Loading, Skeleton } from "@/ui";
import { StageCard } from "./stage-card";
import { StageReport } from "./stage-report";
import { readStages, type StageRule, writeStages } from "./stages";

/** The stages leads go through: what was agreed, the rules that hold people to it, and how leads fare. */
export function LifecyclePage() {
  const rules = useRules("lifecycle");
  const first = rules.data?.[0];
  if (first) return <Loaded key={first.id} id={first.id} />;
  return (
    <Page title="Lifecycle" section="rules" actions={rules.data ? <NewLifecycle /> : null}>
      <div className="mx-auto flex max-w-[1120px] flex-col gap-4">
        {rules.isError ? (
          <QueryError error={rules.error} onRetry={() => void rules.refetch()} />
        ) : rules.isPending ? (
          <Loading label="Loading the lifecycle">
            <Skeleton className="h-48 rounded-xl" />
          </Loading>
        ) : (
          <>
            <Card>
              <EmptyState icon="flag" title="No lifecycle yet" action={<NewLifecycle />}>
                Leads go through stages already, from stranger to customer, and never back unless a step says
                so. A lifecycle writes down what each stage means, who may enter it, where leads may go from
                there, and what your CRM calls it.
              </EmptyState>
            </Card>
            <StageReport />
          </>
        )}
      </div>
    </Page>
  );
}

function NewLifecycle() {
  const stages = useStages().data?.items ?? [];
  return (
    <NewRuleButton
      kind="lifecycle"
      label="Write the lifecycle"
      suggestion="Lifecycle"
      draft={{ stages: stages.map(({ name }) => ({ name })) }}
      onMade={() => undefined}
    />
  );
}

function Loaded({ id }: { id: string }) {
  const rule = useRule("lifecycle", id);
  if (rule.data) return <LifecycleEditor rule={rule.data} />;
  return (
    <Page title="Lifecycle" section="rules">
      {rule.isError ? (
        <QueryError error={rule.error} onRetry={() => void rule.refetch()} />
      ) : (
        <Loading label="Loading the lifecycle">
          <Skeleton className="h-48 rounded-xl" />
        </Loading>
      )}
    </Page>
  );
}

function LifecycleEditor({ rule }: { rule: Rule }) {
  const draft = useDraft(rule);
  const stages = readStages(draft.document);
  const setAll = (next: readonly StageRule[]) => draft.set(writeStages(next));
  const move = (from: number, to: number) => {
    const rest = stages.filter((_, at) => at !== from);
    const stage = stages[from];
    if (stage) setAll([...rest.slice(0, to), stage, ...rest.slice(to)]);
  };
  return (
    <Page
      title="Lifecycle"
      section="rules"
      status={<RuleStatus rule={rule} saved={draft.saved} />}
      actions={<PublishButton rule={rule} draft={draft} />}
    >
      <div className="mx-auto grid max-w-[1240px] items-start gap-4 xl:grid-cols-[minmax(0,1fr)_360px]">
        <div className="flex min-w-0 flex-col gap-4">
          <Problems rule={rule} />
          <StageReport />
          {stages.map((stage, index) => (
            <StageCard
              // A stage has no identity beside its name, which is being typed; its place is what stays.
              // biome-ignore lint/suspicious/noArrayIndexKey: see above
              key={index}
              stage={stage}
              number={index + 1}
              others={stages.map(({ name }) => name).filter((name) => name !== stage.name)}
              onChange={(next) => setAll(stages.map((one, at) => (at === index ? next : one)))}
              onRemove={() => setAll(stages.filter((_, at) => at !== index))}
              onUp={index === 0 ? undefined : () => move(index, index - 1)}
              onDown={index === stages.length - 1 ? undefined : () => move(index, index + 1)}
            />
          ))}
          <Button className="self-start" icon="plus" onClick={() => setAll([...stages, { name: "" }])}>
            Add a stage
          </Button>
        </div>
        <div className="flex min-w-0 flex-col gap-4">
          {rule.version !== null && rule.changes.length > 0 ? (
            <Card>
              <Sentences title={`Changed from v${rule.version}`} lines={rule.changes} />
            </Card>
          ) : null}
          <Card>
            <Sentences title="What is agreed" lines={rule.words} />
          </Card>
          <VersionsCard rule={rule} draft={draft} />
        </div>
      </div>
    </Page>
  );
}
