import { useMutation } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import {
  type RoutingTable,
  type Rulebook,
  routing,
  type Simulation,
  type TriedOnPast,
  useRulebook,
} from "@/api";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { sayError } from "@/app/say-error";
import { dateTime } from "@/app/time";
import { Button, Card, EmptyState, Loading, Select, Skeleton } from "@/ui";
import { VersionChip } from "../rulebook/version-chip";
import { spell } from "../sla/clock-words";
import { Bars } from "./bars";
import { OwnerLoads } from "./owner-loads";

const route = getRouteApi("/shell/routing/$id/fairness");
const SPANS = [7, 30, 90, 365].map((days) => ({ value: String(days), label: `${days} days` }));
const WAITS = ["At once", "Under 1 h", "Under 4 h", "Under 16 h", "Longer"];

/** The leads of the last days, sent through the draft of a table and through what is in force: is it fair? */
export function FairnessPage() {
  const { id } = route.useParams();
  const book = useRulebook<RoutingTable>("routing_table", id);
  if (book.data) return <Simulator book={book.data} />;
  return (
    <Page title="Simulation" crumbs={[{ label: "Routing", to: "/routing" }]}>
      {book.isError ? (
        <QueryError error={book.error} onRetry={() => void book.refetch()} />
      ) : (
        <Loading label="Loading the table">
          <Skeleton className="h-64 rounded-xl" />
        </Loading>
      )}
    </Page>
  );
}

function Simulator({ book }: { book: Rulebook<RoutingTable> }) {
  const [days, setDays] = useState("30");
  const run = useMutation({
    mutationFn: () => routing.simulate(book.draft, book.name, Number(days)),
    onError: sayError("The past could not be tried"),
  });
  return (
    <Page
      title="Simulation"
      crumbs={[
        { label: "Routing", to: "/routing" },
        { label: book.name, to: "/routing/$id", params: { id: book.id } },
      ]}
      status={<VersionChip book={book} />}
      actions={
        <>
          <Select
            aria-label="Span"
            className="!w-[110px]"
            value={days}
            options={SPANS}
            onValueChange={setDays}
          />
          <Button variant="primary" icon="play" busy={run.isPending} onClick={() => run.mutate()}>
            Simulate
          </Button>
        </>
      }
    >
      <div className="mx-auto max-w-[1060px]">
        {run.data ? (
          <Result tried={run.data} version={book.version} />
        ) : (
          <Card>
            <EmptyState
              icon="chart"
              title="What would have happened?"
              action={
                <Button variant="primary" icon="play" busy={run.isPending} onClick={() => run.mutate()}>
                  Simulate the last {days} days
                </Button>
              }
            >
              Every lead of these days goes through the draft, and through what is in force, in the order in
              which they came: how many leads each owner would have got, how long leads would have waited for
              somebody to be at work, and which limits would have passed somebody over. Nothing is written.
            </EmptyState>
          </Card>
        )}
      </div>
    </Page>
  );
}

function Result({ tried, version }: { tried: TriedOnPast; version: number | null }) {
  const { draft, in_force: inForce } = tried;
  if (tried.arrivals === 0) {
    return (
      <Card>
        <EmptyState icon="chart" title="No leads came in these days">
          Choose a longer span, or try the table on one lead under “Why would it go there?”.
        </EmptyState>
      </Card>
    );
  }
  return (
    <div className="flex flex-col gap-4" data-testid="simulation">
      <Card
        title={`${tried.arrivals.toLocaleString("en")} leads`}
        subtitle={`since ${dateTime(tried.since)}${tried.cut ? "; the newest, there were more" : ""}`}
      >
        <dl className="grid grid-cols-2 gap-3 sm:grid-cols-5">
          {figures(draft, inForce).map(({ label, value, before }) => (
            <div key={label}>
              <dt className="text-xs text-muted">{label}</dt>
              <dd className="text-xl font-semibold tabular">{value.toLocaleString("en")}</dd>
              {before === null ? null : (
                <dd className="text-muted tabular">now {before.toLocaleString("en")}</dd>
              )}
            </div>
          ))}
        </dl>
        {draft.failed > 0 && draft.first_failure ? (
          <p className="mt-3 text-bad">The first that went to nobody: {draft.first_failure}</p>
        ) : null}
        {inForce ? null : (
          <p className="mt-3 text-muted">
            {version === null
              ? "Nothing is in force under this name yet, so there is nothing to compare with."
              : "What is in force could not be compared."}
          </p>
        )}
      </Card>
      <Card
        title="Leads per owner"
        subtitle={inForce ? "by the draft; the thin bar is what is in force" : undefined}
      >
        <OwnerLoads draft={draft} inForce={inForce} />
      </Card>
      <div className="grid items-start gap-4 lg:grid-cols-2">
        <Card title="Waits" subtitle="until the owner is at work">
          <Bars
            title="How long leads waited"
            rows={WAITS.map((label, place) => ({
              key: label,
              label,
              value: draft.waits[place] ?? 0,
              before: inForce ? (inForce.waits[place] ?? 0) : null,
              remark: "",
            }))}
          />
          <p className="mt-2 text-muted">{longest(draft)}</p>
        </Card>
        <Card title="Limits hit" subtitle="turns at which somebody was passed over">
          {draft.caps.length === 0 && draft.away === 0 ? (
            <p className="text-muted">None: nobody was passed over because of a cap, open leads or hours.</p>
          ) : (
            <Bars
              title="Turns passed over"
              rows={[
                ...draft.caps.map((cap) => ({
                  key: cap.owner_id + cap.outcome,
                  label: cap.name,
                  value: cap.times,
                  before: inForce ? timesBefore(inForce, cap) : null,
                  remark: cap.outcome === "cap_reached" ? "a cap" : "open leads",
                })),
                ...(draft.away > 0 || (inForce?.away ?? 0) > 0
                  ? [
                      {
                        key: "away",
                        label: "Somebody",
                        value: draft.away,
                        before: inForce ? inForce.away : null,
                        remark: "not at work",
                      },
                    ]
                  : []),
              ]}
            />
          )}
        </Card>
        <Card title="Rows that decided">
          <Bars
            title="Leads per row"
            rows={draft.rows.map(({ row, leads }) => ({
              key: String(row),
              label: row === 0 ? "Before the rows" : `Row ${row}`,
              value: leads,
              before: null,
              remark: "",
            }))}
          />
        </Card>
        <Card title="What the past cannot tell">
          <p className="text-muted">
            How long leads stayed open is not known: only leads that the simulation itself gave out count as
            open. Counters and caps start from where they are now. Owners, accounts, hours and pools are those
            of today.
          </p>
        </Card>
      </div>
    </div>
  );
}

function figures(draft: Simulation, before: Simulation | null) {
  const of = (label: string, read: (of: Simulation) => number) => ({
    label,
    value: read(draft),
    before: before ? read(before) : null,
  });
  return [
    of("To an owner", (of) => of.leads - of.listed - of.failed),
    of("Of those to a fallback", (of) => of.fallbacks),
    of("Onto a list", (of) => of.listed),
    of("To nobody", (of) => of.failed),
    of("Waited for working hours", (of) => of.owners.reduce((sum, owner) => sum + owner.waited, 0)),
  ];
}

function timesBefore(before: Simulation, { owner_id: owner, outcome }: Simulation["caps"][number]): number {
  return before.caps.find((old) => old.owner_id === owner && old.outcome === outcome)?.times ?? 0;
}

function longest({ owners }: Simulation): string {
  const most = owners.reduce((most, owner) => Math.max(most, owner.longest_wait_seconds), 0);
  return most > 0 ? `The longest wait is ${spell(most)}.` : "No lead waits.";
}
