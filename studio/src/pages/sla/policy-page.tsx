import { useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import {
  type Criterion,
  type Rulebook,
  rulebooks,
  type SlaPolicy,
  useOwners,
  usePools,
  useRulebook,
} from "@/api";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { sayError } from "@/app/say-error";
import {
  Button,
  Card,
  Checkbox,
  Chip,
  Field,
  IconButton,
  Input,
  Loading,
  Select,
  Skeleton,
  toast,
} from "@/ui";
import { FIELDS, HINTS } from "../routing/model";
import { targetOf } from "./policy-model";

const route = getRouteApi("/shell/sla/$id");

/** One policy: which leads, how soon, and what happens otherwise. */
export function SlaPolicyPage() {
  const { id } = route.useParams();
  const book = useRulebook<SlaPolicy>("sla_policy", id);
  if (book.isPending || book.isError) {
    return (
      <Page title="Policy" crumbs={[{ label: "SLA", to: "/sla" }]}>
        {book.isPending ? (
          <Loading label="Loading the policy">
            <Skeleton className="h-64 rounded-xl" />
          </Loading>
        ) : (
          <QueryError error={book.error} onRetry={() => void book.refetch()} />
        )}
      </Page>
    );
  }
  return <Editor key={`${book.data.id}:${book.data.revision}`} book={book.data} />;
}

function Editor({ book }: { book: Rulebook<SlaPolicy> }) {
  const client = useQueryClient();
  const pools = usePools();
  const owners = useOwners();
  const [policy, setPolicy] = useState(book.draft);
  const dirty = JSON.stringify(policy) !== JSON.stringify(book.draft);
  const keep = (saved: Rulebook) => {
    client.setQueryData(rulebooks.oneKey("sla_policy", book.id), saved);
    void client.invalidateQueries({ queryKey: rulebooks.listKey("sla_policy") });
  };
  const save = useMutation({
    mutationFn: () => rulebooks.save("sla_policy", book.id, book.revision, policy),
    onSuccess: keep,
    onError: sayError("The policy was not saved"),
  });
  const publish = useMutation({
    mutationFn: () => rulebooks.publish("sla_policy", book.id, book.revision, ""),
    onSuccess: (saved) => {
      keep(saved);
      toast({
        tone: "ok",
        title: `Version ${saved.version} of ${saved.name} is in force`,
        description: "It counts for leads that get an owner from now on.",
      });
    },
    onError: sayError("The policy was not published"),
  });
  const { reassign } = policy.on_breach;
  const breach = (change: Partial<SlaPolicy["on_breach"]>) =>
    setPolicy({ ...policy, on_breach: { ...policy.on_breach, ...change } });
  return (
    <Page
      title={book.name}
      crumbs={[{ label: "SLA", to: "/sla" }]}
      status={
        <Chip tone={book.version !== null && !book.changed ? "ok" : "warn"}>
          {book.version === null
            ? "Draft"
            : book.changed
              ? `Version ${book.version}, draft changed`
              : `Version ${book.version}`}
        </Chip>
      }
      actions={
        <>
          <Button disabled={!dirty} busy={save.isPending} onClick={() => save.mutate()}>
            Save
          </Button>
          <Button
            variant="primary"
            disabled={dirty || book.problems.length > 0 || (!book.changed && book.version !== null)}
            busy={publish.isPending}
            onClick={() => publish.mutate()}
          >
            Publish
          </Button>
        </>
      }
    >
      <div className="mx-auto grid max-w-[1060px] items-start gap-4 lg:grid-cols-2">
        <div className="flex flex-col gap-4">
          <Card title="Which leads" subtitle="all of these; none is every lead">
            <Criteria criteria={policy.when} onChange={(when) => setPolicy({ ...policy, when })} />
          </Card>
          <Card title="How soon" subtitle="minutes of the owner's working time; 0 for no clock">
            <div className="grid grid-cols-2 gap-3">
              <Minutes
                label="Accept within"
                value={policy.accept?.within ?? 0}
                onChange={(within) =>
                  setPolicy(withTarget(policy, "accept", within, policy.accept?.warn_before ?? 0))
                }
              />
              <Minutes
                label="Warn before"
                value={policy.accept?.warn_before ?? 0}
                onChange={(warn) => setPolicy(withTarget(policy, "accept", policy.accept?.within ?? 0, warn))}
              />
              <Minutes
                label="Answer within"
                value={policy.respond?.within ?? 0}
                onChange={(within) =>
                  setPolicy(withTarget(policy, "respond", within, policy.respond?.warn_before ?? 0))
                }
              />
              <Minutes
                label="Warn before"
                value={policy.respond?.warn_before ?? 0}
                onChange={(warn) =>
                  setPolicy(withTarget(policy, "respond", policy.respond?.within ?? 0, warn))
                }
              />
              <Minutes
                label="Remind every"
                value={policy.remind_every ?? 0}
                onChange={(every) => {
                  const { remind_every: _, ...rest } = policy;
                  setPolicy(every > 0 ? { ...rest, remind_every: every } : rest);
                }}
              />
              <Minutes
                label="Reminders at most"
                value={policy.reminders}
                onChange={(reminders) => setPolicy({ ...policy, reminders })}
              />
            </div>
            <div className="mt-3">
              <Checkbox
                label="Count all hours, also when the owner is not at work"
                checked={policy.around_the_clock}
                onCheckedChange={(on) => setPolicy({ ...policy, around_the_clock: on })}
              />
            </div>
          </Card>
          <Card title="At a breach">
            <div className="grid grid-cols-2 gap-3">
              <Field label="Hand the lead to">
                {(control) => (
                  <Select
                    {...control}
                    value={reassign.to === "pool" ? `pool:${reassign.name}` : reassign.to}
                    options={[
                      { value: "nobody", label: "Nobody; it stays" },
                      { value: "next_in_pool", label: "The next in its pool" },
                      ...(pools.data?.items ?? []).map((pool) => ({
                        value: `pool:${pool.name}`,
                        label: `The next in ${pool.name}`,
                      })),
                    ]}
                    onValueChange={(to) =>
                      breach({
                        reassign: to.startsWith("pool:")
                          ? { to: "pool", name: to.slice(5) }
                          : { to: to as "nobody" | "next_in_pool" },
                      })
                    }
                  />
                )}
              </Field>
              <Minutes
                label="Times at most"
                value={policy.on_breach.at_most}
                onChange={(atMost) => breach({ at_most: atMost })}
              />
              <Field label="Tell">
                {(control) => (
                  <Select
                    {...control}
                    value={policy.on_breach.escalate_to ?? ""}
                    options={[
                      { value: "", label: "Nobody" },
                      ...(owners.data?.items ?? []).map((owner) => ({
                        value: owner.name,
                        label: owner.name,
                      })),
                    ]}
                    onValueChange={(name) => breach({ escalate_to: name })}
                  />
                )}
              </Field>
            </div>
          </Card>
        </div>
        <Card title="In words" subtitle={dirty ? "as it was saved" : undefined}>
          <ul className="list-disc space-y-1 pl-5">
            {book.words.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
          {dirty ? null : (
            <ul className="mt-2 space-y-0.5">
              {book.problems.map((problem) => (
                <li key={problem.field} className="text-bad">
                  {problem.message}
                </li>
              ))}
            </ul>
          )}
        </Card>
      </div>
    </Page>
  );
}

function withTarget(policy: SlaPolicy, kind: "accept" | "respond", within: number, warn: number): SlaPolicy {
  const { [kind]: _, ...rest } = policy;
  const target = targetOf(within, warn);
  return target ? { ...rest, [kind]: target } : rest;
}

interface MinutesProps {
  label: string;
  value: number;
  onChange: (value: number) => void;
}

function Minutes({ label, value, onChange }: MinutesProps) {
  return (
    <Field label={label}>
      {(control) => (
        <Input
          {...control}
          type="number"
          min={0}
          value={value}
          onChange={(event) => onChange(Math.max(0, Math.floor(Number(event.target.value) || 0)))}
        />
      )}
    </Field>
  );
}

interface CriteriaProps {
  criteria: Criterion[];
  onChange: (criteria: Criterion[]) => void;
}

function Criteria({ criteria, onChange }: CriteriaProps) {
  return (
    <div className="space-y-2">
      {criteria.map((criterion, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: criteria have no other identity, and are edited in place
        <div key={place} className="flex gap-2">
          <Select
            className="w-[180px]"
            aria-label={`Condition ${place + 1}, field`}
            value={criterion.field}
            options={FIELDS.map((known) => ({ value: known.field, label: known.title }))}
            onValueChange={(field) => {
              const kind = FIELDS.find((known) => known.field === field)?.kind ?? "text";
              onChange(criteria.map((old, at) => (at === place ? { ...old, field, kind } : old)));
            }}
          />
          <Input
            aria-label={`Condition ${place + 1}, value`}
            placeholder={HINTS[criterion.kind]}
            value={criterion.is}
            onChange={(event) =>
              onChange(criteria.map((old, at) => (at === place ? { ...old, is: event.target.value } : old)))
            }
          />
          <IconButton
            icon="trash"
            label={`Remove condition ${place + 1}`}
            onClick={() => onChange(criteria.filter((_, at) => at !== place))}
          />
        </div>
      ))}
      <Button
        size="small"
        icon="plus"
        onClick={() => onChange([...criteria, { field: "score", kind: "number", is: "70+" }])}
      >
        Add a condition
      </Button>
    </div>
  );
}
