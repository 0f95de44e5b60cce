import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { rulebooks, type SlaForecast, type SlaPolicy, useRulebooks, useSlaOverview } from "@/api";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { sayError } from "@/app/say-error";
import { dateTime } from "@/app/time";
import { Button, Card, Cell, Chip, EmptyState, HeadCell, Loading, Row, Skeleton, Table } from "@/ui";
import { STATE_TONES, STATE_WORDS, spell } from "./clock-words";
import { newPolicy } from "./policy-model";

const CALLED = { accept: "Acceptance", respond: "First response" } as const;

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
        ) : error || !overview.data ? (
          <QueryError
            error={error}
            onRetry={() => {
              void policies.refetch();
              void overview.refetch();
            }}
          />
        ) : policies.data?.items.length === 0 ? (
          <Card>
            <EmptyState icon="clock" title="No service levels yet" action={button}>
              A policy says how soon an owner accepts a lead and answers it, in their own working hours. When
              a lead gets an owner the clock starts; it warns, reminds, and hands the lead on when nobody
              answers.
            </EmptyState>
          </Card>
        ) : (
          <>
            <Today forecast={overview.data.forecast} />
            <Card title="Policies" flush>
              <ul>
                {policies.data?.items.map((policy) => (
                  <li key={policy.id} className="border-t border-border px-4 py-2.5">
                    <p className="flex flex-wrap items-center gap-2">
                      <Link
                        to="/sla/$id"
                        params={{ id: policy.id }}
                        className="rounded-sm font-medium text-accent-text hover:underline"
                      >
                        {policy.name}
                      </Link>
                      <Chip tone={policy.version !== null && !policy.changed ? "ok" : "warn"}>
                        {policy.version === null
                          ? "Draft"
                          : policy.changed
                            ? `Version ${policy.version}, draft changed`
                            : `Version ${policy.version}`}
                      </Chip>
                    </p>
                    <p className="text-muted">{policy.words.slice(0, 2).join(" ")}</p>
                  </li>
                ))}
              </ul>
            </Card>
            <Card title="Clocks" subtitle={`${overview.data.clocks.length} run`} flush>
              {overview.data.clocks.length === 0 ? (
                <p className="px-4 pb-3 text-muted">No clock runs. One starts when a lead gets an owner.</p>
              ) : (
                <Table>
                  <thead>
                    <tr>
                      <HeadCell>State</HeadCell>
                      <HeadCell>Owner</HeadCell>
                      <HeadCell>What</HeadCell>
                      <HeadCell>Policy</HeadCell>
                      <HeadCell numeric>Left</HeadCell>
                      <HeadCell>Due</HeadCell>
                      <HeadCell>Lead</HeadCell>
                    </tr>
                  </thead>
                  <tbody>
                    {overview.data.clocks.map((clock) => (
                      <Row key={clock.id}>
                        <Cell>
                          <Chip tone={STATE_TONES[clock.state]}>{STATE_WORDS[clock.state]}</Chip>
                        </Cell>
                        <Cell>{clock.owner_name}</Cell>
                        <Cell>{CALLED[clock.kind]}</Cell>
                        <Cell>{clock.policy}</Cell>
                        <Cell numeric>{left(clock.seconds_left)}</Cell>
                        <Cell>{clock.due_at ? dateTime(clock.due_at) : "Never"}</Cell>
                        <Cell>
                          <Link
                            data-row-link
                            to="/leads/$id"
                            params={{ id: clock.lead_id }}
                            className="text-accent-text hover:underline"
                          >
                            Open the lead
                          </Link>
                        </Cell>
                      </Row>
                    ))}
                  </tbody>
                </Table>
              )}
            </Card>
          </>
        )}
      </div>
    </Page>
  );
}

function left(seconds: number | null): string {
  if (seconds === null) return "—";
  return seconds < 0 ? `${spell(-seconds)} over` : spell(seconds);
}

/** What is to be expected of today. */
function Today({ forecast }: { forecast: SlaForecast }) {
  const figures: [string, string][] = [
    ["Running", String(forecast.running)],
    ["At risk", String(forecast.at_risk)],
    ["Overdue", String(forecast.breached)],
    ["Due today", String(forecast.due_today)],
    ["Breaches expected today", forecast.expected_today.toFixed(1)],
  ];
  const most = Math.max(1, ...forecast.by_hour.map((hour) => hour.due));
  return (
    <Card title="Today" subtitle="until the end of each owner's day; expected by how the last 28 days went">
      <dl className="grid grid-cols-2 gap-3 sm:grid-cols-5">
        {figures.map(([label, value]) => (
          <div key={label}>
            <dt className="text-xs text-muted">{label}</dt>
            <dd className="text-xl font-semibold tabular">{value}</dd>
          </div>
        ))}
      </dl>
      {forecast.by_hour.length > 0 ? (
        <table className="mt-3 w-full text-sm">
          <caption className="pb-1 text-left text-xs font-semibold text-muted">Due by the hour</caption>
          <tbody>
            {forecast.by_hour.map((hour) => (
              <tr key={hour.hour}>
                <th scope="row" className="w-[150px] py-0.5 text-left font-normal">
                  {dateTime(hour.hour)}
                </th>
                <td>
                  <span className="flex items-center gap-2">
                    <svg
                      aria-hidden
                      viewBox="0 0 100 10"
                      preserveAspectRatio="none"
                      className="h-2.5 w-full max-w-[360px]"
                    >
                      <rect width={(100 * hour.due) / most} height={10} className="fill-accent" />
                    </svg>
                    <b className="font-medium tabular">{hour.due}</b>
                  </span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
      {forecast.by_owner.length > 0 ? (
        <p className="mt-3 text-muted">
          {forecast.by_owner
            .slice(0, 6)
            .map((owner) => `${owner.name}: ${owner.due} due, ${owner.breached} overdue`)
            .join("; ")}
          .
        </p>
      ) : null}
    </Card>
  );
}
