import { getRouteApi } from "@tanstack/react-router";
import { type SlaPolicy, useOwners, usePools } from "@/api";
import { Card, Checkbox, Field, Input, Select } from "@/ui";
import { CriteriaRows } from "../routing/criteria-rows";
import { type RulebookEdit, RulebookPage } from "../rulebook/rulebook-page";
import { MinutesField } from "./minutes-field";
import { heirs, reassignOf, targetOf, wordOf } from "./policy-model";

const route = getRouteApi("/shell/sla/$id");

/** One policy: which leads, how soon, and what happens otherwise. */
export function SlaPolicyPage() {
  const { id } = route.useParams();
  return (
    <RulebookPage<SlaPolicy>
      kind="sla_policy"
      id={id}
      list={{ label: "SLA", to: "/sla" }}
      noun="policy"
      counts="It counts for leads that get an owner from then on."
      loss="No new clock starts by it. Clocks that run keep what they started with."
    >
      {(edit) => <PolicyEditor {...edit} />}
    </RulebookPage>
  );
}

function PolicyEditor({ draft: policy, set: setPolicy, book }: RulebookEdit<SlaPolicy>) {
  const pools = usePools();
  const owners = useOwners();
  const { reassign } = policy.on_breach;
  const breach = (change: Partial<SlaPolicy["on_breach"]>) =>
    setPolicy({ ...policy, on_breach: { ...policy.on_breach, ...change } });
  return (
    <div className="grid items-start gap-4 lg:grid-cols-[3fr_2fr]">
      <div className="flex flex-col gap-4">
        <Card title="Which leads" subtitle="all of these hold; none is every lead">
          <CriteriaRows criteria={policy.when} onChange={(when) => setPolicy({ ...policy, when })} />
          <Field
            label="Rank"
            className="mt-3 max-w-[280px]"
            help="Of several policies that fit, the lowest rank counts."
          >
            {(control) => (
              <Input
                {...control}
                type="number"
                value={policy.rank}
                onChange={(event) =>
                  setPolicy({ ...policy, rank: Math.trunc(Number(event.target.value) || 0) })
                }
              />
            )}
          </Field>
        </Card>
        <Card title="How soon" subtitle="of the owner’s working time">
          <div className="space-y-4">
            <Target
              title="The owner accepts the lead"
              name="Acceptance"
              policy={policy}
              kind="accept"
              onChange={setPolicy}
            />
            <Target
              title="The owner answers for the first time"
              name="First response"
              policy={policy}
              kind="respond"
              onChange={setPolicy}
            />
            <div className="grid gap-3 border-t border-border pt-3 sm:grid-cols-2">
              <MinutesField
                label="Remind every"
                help="After the warning. 0 reminds nobody."
                value={policy.remind_every ?? 0}
                onChange={(every) => {
                  const { remind_every: _, ...rest } = policy;
                  setPolicy(every > 0 ? { ...rest, remind_every: every } : rest);
                }}
              />
              <Field label="Reminders at most">
                {(control) => (
                  <Input
                    {...control}
                    type="number"
                    min={0}
                    value={policy.reminders}
                    onChange={(event) => setPolicy({ ...policy, reminders: count(event.target.value) })}
                  />
                )}
              </Field>
            </div>
            <Checkbox
              label="Count all hours, also when the owner is not at work"
              checked={policy.around_the_clock}
              onCheckedChange={(on) => setPolicy({ ...policy, around_the_clock: on })}
            />
          </div>
        </Card>
        <Card title="At a breach">
          <div className="grid gap-3 sm:grid-cols-2">
            <Field label="Hand the lead to" help="Never to somebody who had it already.">
              {(control) => (
                <Select
                  {...control}
                  value={wordOf(reassign)}
                  options={heirs(pools.data?.items ?? [], owners.data?.items ?? [])}
                  onValueChange={(word) => breach({ reassign: reassignOf(word) })}
                />
              )}
            </Field>
            <Field label="Times at most">
              {(control) => (
                <Input
                  {...control}
                  type="number"
                  min={0}
                  value={policy.on_breach.at_most}
                  onChange={(event) => breach({ at_most: count(event.target.value) })}
                />
              )}
            </Field>
            <Field label="Tell" help="On the lead’s timeline, where a workflow can take it up.">
              {(control) => (
                <Select
                  {...control}
                  value={policy.on_breach.escalate_to ?? ""}
                  options={[
                    { value: "", label: "Nobody" },
                    ...(owners.data?.items ?? []).map(({ name }) => ({ value: name, label: name })),
                  ]}
                  onValueChange={(name) => breach({ escalate_to: name })}
                />
              )}
            </Field>
          </div>
        </Card>
      </div>
      <Card title="In words" subtitle="as anybody can read it">
        <ul className="list-disc space-y-1 pl-5">
          {book.words.map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
        {book.problems.length > 0 ? (
          <ul className="mt-2 space-y-0.5" aria-live="polite">
            {book.problems.map((problem) => (
              <li key={problem.field + problem.message} className="text-bad">
                {problem.message}
              </li>
            ))}
          </ul>
        ) : null}
      </Card>
    </div>
  );
}

interface TargetProps {
  title: string;
  name: string;
  policy: SlaPolicy;
  kind: "accept" | "respond";
  onChange: (policy: SlaPolicy) => void;
}

/** A clock: whether there is one, how long it runs, and when it warns. */
function Target({ title, name, policy, kind, onChange }: TargetProps) {
  const target = policy[kind];
  const set = (within: number, warn: number) => {
    const { [kind]: _, ...rest } = policy;
    const next = targetOf(within, warn);
    onChange(next ? { ...rest, [kind]: next } : rest);
  };
  return (
    <fieldset className="space-y-2">
      <legend className="visually-hidden">{title}</legend>
      <Checkbox
        label={title}
        checked={target !== undefined}
        onCheckedChange={(on) => set(on ? 60 : 0, on ? 15 : 0)}
      />
      {target ? (
        <div className="grid gap-3 pl-6 sm:grid-cols-2">
          <MinutesField
            label={`${name} within`}
            value={target.within}
            onChange={(within) => set(Math.max(1, within), target.warn_before)}
          />
          <MinutesField
            label={`${name}: warn before`}
            help="0 warns nobody."
            value={target.warn_before}
            onChange={(warn) => set(target.within, warn)}
          />
        </div>
      ) : null}
    </fieldset>
  );
}

function count(text: string): number {
  return Math.max(0, Math.floor(Number(text) || 0));
}
