import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { type RoutingTable, routing, type Simulation } from "@/api";
import { sayError } from "@/app/say-error";
import { Button, Card, Select } from "@/ui";
import { spell } from "../sla/clock-words";

const SPANS = [7, 30, 90, 365].map((days) => ({ value: String(days), label: `${days} days` }));
const WAITS = ["At once", "Under 1 h", "Under 4 h", "Under 16 h", "Longer"];

/** The leads of the last days, sent through the draft and through what is in force. */
export function SimulationCard({ table, name }: { table: RoutingTable; name: string }) {
  const [days, setDays] = useState("30");
  const run = useMutation({
    mutationFn: () => routing.simulate(table, name, Number(days)),
    onError: sayError("The past could not be tried"),
  });
  const tried = run.data;
  return (
    <Card
      title="On the past"
      subtitle="every lead of these days, in the order they came; nothing is written"
      aside={
        <>
          <Select
            aria-label="Span"
            className="w-[110px]"
            value={days}
            options={SPANS}
            onValueChange={setDays}
          />
          <Button icon="play" busy={run.isPending} onClick={() => run.mutate()}>
            Simulate
          </Button>
        </>
      }
    >
      {tried ? (
        <div className="space-y-4" data-testid="simulation">
          <p>
            {tried.arrivals} leads{tried.cut ? " (the newest; there were more)" : ""}. {summary(tried.draft)}
          </p>
          <Bars
            title="Leads per owner"
            rows={tried.draft.owners.map((load) => ({
              key: load.owner_id,
              label: load.name,
              value: load.leads,
              before: tried.in_force?.owners.find((old) => old.owner_id === load.owner_id)?.leads ?? null,
              remark:
                load.waited > 0 ? `${load.waited} waited, ${spell(load.longest_wait_seconds)} at most` : "",
            }))}
            compared={tried.in_force !== null}
          />
          <Bars
            title="How long leads waited for working hours"
            rows={WAITS.map((label, place) => ({
              key: label,
              label,
              value: tried.draft.waits[place] ?? 0,
              before: tried.in_force ? (tried.in_force.waits[place] ?? 0) : null,
              remark: "",
            }))}
            compared={tried.in_force !== null}
          />
          {tried.draft.caps.length > 0 ? (
            <Bars
              title="Turns passed over because of a limit"
              rows={tried.draft.caps.map((cap) => ({
                key: cap.owner_id + cap.outcome,
                label: cap.name,
                value: cap.times,
                before: null,
                remark: cap.outcome === "cap_reached" ? "a cap" : "as many open leads as they can take",
              }))}
              compared={false}
            />
          ) : null}
        </div>
      ) : (
        <p className="text-muted">
          Shows how many leads each owner would have got, how long leads would have waited for somebody to be
          at work, which limits would have been hit, and how that differs from what is in force.
        </p>
      )}
    </Card>
  );
}

function summary({ fallbacks, listed, failed, first_failure: why }: Simulation): string {
  const parts = [
    `${fallbacks} to a fallback`,
    listed > 0 ? `${listed} onto a list` : "",
    failed > 0 ? `${failed} to nobody${why ? ` (${why})` : ""}` : "",
  ];
  return `${parts.filter(Boolean).join(", ")}.`;
}

interface Bar {
  key: string;
  label: string;
  value: number;
  /** By what is in force. */
  before: number | null;
  remark: string;
}

/** Bars with their figures; the figures carry the meaning, so a screen reader reads a table. */
function Bars({ title, rows, compared }: { title: string; rows: Bar[]; compared: boolean }) {
  const most = Math.max(1, ...rows.flatMap((row) => [row.value, row.before ?? 0]));
  return (
    <table className="w-full text-sm">
      <caption className="pb-1 text-left text-xs font-semibold text-muted">{title}</caption>
      <thead className="sr-only">
        <tr>
          <th scope="col">What</th>
          <th scope="col">By this table</th>
          {compared ? <th scope="col">In force now</th> : null}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row.key}>
            <th scope="row" className="w-[170px] py-0.5 pr-3 text-left font-normal">
              {row.label}
            </th>
            <td className="py-0.5">
              <span className="flex items-center gap-2">
                <svg
                  aria-hidden
                  viewBox="0 0 100 12"
                  preserveAspectRatio="none"
                  className="h-3.5 w-full max-w-[420px]"
                >
                  <rect
                    width={(100 * row.value) / most}
                    height={row.before === null ? 12 : 7}
                    className="fill-accent"
                  />
                  {row.before === null ? null : (
                    <rect y={8} width={(100 * row.before) / most} height={4} className="fill-control" />
                  )}
                </svg>
                <b className="font-medium tabular">{row.value}</b>
                <span className="text-muted">{row.remark}</span>
              </span>
            </td>
            {compared ? (
              <td className="w-[130px] py-0.5 text-right text-muted tabular">now {row.before ?? 0}</td>
            ) : null}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
