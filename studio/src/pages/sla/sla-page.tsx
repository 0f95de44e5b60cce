import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type Rulebook, rulebooks, type SlaPolicy, useRulebooks, useSlaOverview } from "@/api";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { sayError } from "@/app/say-error";
import { Button, Card, EmptyState, Loading, Skeleton } from "@/ui";
import { VersionChip } from "../rulebook/version-chip";
import { ClocksTable } from "./clocks-table";
import { newPolicy } from "./policy-model";
import { TodayCard } from "./today-card";

/** Service levels: what was agreed, which clocks run, and what is to be expected of today. */
export function SlaPage() {
  const policies = useRulebooks<SlaPolicy>("sla_policy");
  const overview = useSlaOverview();
  const client = useQueryClient();
  const navigate = useNavigate();
  const names = new Set(policies.data?.items.map((policy) => policy.name));
  const make = useMutation({
    mutationFn: () => {
      let name = "New leads";
      for (let number = 2; names.has(name); number++) name = `New leads ${number}`;
      return rulebooks.create("sla_policy", name, newPolicy());
    },
    onSuccess: async (policy) => {
      await client.invalidateQueries({ queryKey: rulebooks.listKey("sla_policy") });
      await navigate({ to: "/sla/$id", params: { id: policy.id } });
    },
    onError: sayError("The policy was not made"),
  });
  const button = (
    <Button variant="primary" icon="plus" busy={make.isPending} onClick={() => make.mutate()}>
      New policy
    </Button>
  );
  const error = policies.error ?? overview.error;
  return (
    <Page title="SLA" section="rules" actions={button}>
      <div className="mx-auto flex max-w-[1060px] flex-col gap-4">
        {policies.isPending || overview.isPending ? (
          <Loading label="Loading the service levels" className="space-y-4">
            <Skeleton className="h-28 rounded-xl" />
            <Skeleton className="h-48 rounded-xl" />
          </Loading>
        ) : error || !overview.data || !policies.data ? (
          <QueryError
            error={error}
            onRetry={() => {
              void policies.refetch();
              void overview.refetch();
            }}
          />
        ) : policies.data.items.length === 0 && overview.data.clocks.length === 0 ? (
          <Card>
            <EmptyState icon="clock" title="No service levels yet" action={button}>
              A policy says how soon an owner accepts a lead and answers it, in their own working hours. When
              time runs out they are warned, and the lead is handed on. A call, a written mail or a meeting
              answers.
            </EmptyState>
          </Card>
        ) : (
          <>
            <TodayCard forecast={overview.data.forecast} />
            <ClocksTable clocks={overview.data.clocks} />
            <Policies policies={policies.data.items} />
          </>
        )}
      </div>
    </Page>
  );
}

function Policies({ policies }: { policies: Rulebook<SlaPolicy>[] }) {
  return (
    <Card title="Policies" subtitle="of several that fit a lead the one with the lowest rank counts" flush>
      {policies.length === 0 ? (
        <p className="px-4 pb-3 text-muted">None any more. Clocks that run keep what they started with.</p>
      ) : (
        <ul>
          {policies.map((policy) => (
            <li key={policy.id} className="border-t border-border px-4 py-2.5">
              <p className="flex flex-wrap items-center gap-2">
                <Link
                  to="/sla/$id"
                  params={{ id: policy.id }}
                  className="rounded-sm font-medium text-accent-text hover:underline"
                >
                  {policy.name}
                </Link>
                <VersionChip book={policy} />
              </p>
              <p className="text-muted">
                {(policy.version === null ? policy.words : policy.published_words).join(" ")}
              </p>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
