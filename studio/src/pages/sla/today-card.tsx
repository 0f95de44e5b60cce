import type { SlaForecast } from "@/api";
import { clock } from "@/app/time";
import { Card, Cell, HeadCell, Row, Table } from "@/ui";

/** What is to be expected of today. */
export function TodayCard({ forecast }: { forecast: SlaForecast }) {
  const figures: { label: string; value: string; tone?: string }[] = [
    { label: "Running", value: String(forecast.running) },
    {
      label: "At risk",
      value: String(forecast.at_risk),
      ...(forecast.at_risk > 0 ? { tone: "text-warn" } : {}),
    },
    {
      label: "Overdue",
      value: String(forecast.breached),
      ...(forecast.breached > 0 ? { tone: "text-bad" } : {}),
    },
    { label: "Due today", value: String(forecast.due_today) },
    { label: "Breaches expected today", value: forecast.expected_today.toFixed(1) },
  ];
  return (
    <Card title="Today" subtitle="until the end of each owner’s day">
      <dl className="grid grid-cols-2 gap-3 sm:grid-cols-5">
        {figures.map(({ label, value, tone }) => (
          <div key={label}>
            <dt className="text-xs text-muted">{label}</dt>
            <dd className={`text-xl font-semibold tabular ${tone ?? ""}`}>{value}</dd>
          </div>
        ))}
      </dl>
      <p className="mt-2 text-muted">
        Expected is, for each clock due today, the share of clocks of its policy that were breached in the
        last 28 days; a policy without a past counts whole.
      </p>
      {forecast.by_hour.length > 0 || forecast.by_owner.length > 0 ? (
        <div className="mt-4 grid items-start gap-6 lg:grid-cols-2">
          {forecast.by_hour.length > 0 ? <Hours hours={forecast.by_hour} /> : null}
          {forecast.by_owner.length > 0 ? <Owners owners={forecast.by_owner} /> : null}
        </div>
      ) : null}
    </Card>
  );
}

function Hours({ hours }: { hours: SlaForecast["by_hour"] }) {
  const most = Math.max(1, ...hours.map((hour) => hour.due));
  return (
    <table className="w-full text-sm">
      <caption className="pb-1 text-left text-xs font-semibold text-muted">Due by the hour</caption>
      <tbody>
        {hours.map((hour) => (
          <tr key={hour.hour}>
            <th scope="row" className="w-[110px] py-0.5 text-left font-normal tabular">
              from {clock(hour.hour).slice(0, 5)}
            </th>
            <td>
              <span className="flex items-center gap-2">
                <svg
                  aria-hidden
                  viewBox="0 0 100 10"
                  preserveAspectRatio="none"
                  className="h-2.5 min-w-16 flex-1"
                >
                  <rect width={(100 * hour.due) / most} height={10} className="fill-accent" />
                </svg>
                <b className="min-w-6 text-right font-medium tabular">{hour.due}</b>
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Owners({ owners }: { owners: SlaForecast["by_owner"] }) {
  return (
    <Table aria-label="Clocks by owner">
      <thead>
        <tr>
          <HeadCell className="!pl-0">Owner</HeadCell>
          <HeadCell numeric>Due today</HeadCell>
          <HeadCell numeric>At risk</HeadCell>
          <HeadCell numeric>Overdue</HeadCell>
        </tr>
      </thead>
      <tbody>
        {owners.slice(0, 12).map((owner) => (
          <Row key={owner.owner_id}>
            <Cell className="!pl-0 font-medium">{owner.name}</Cell>
            <Cell numeric>{owner.due}</Cell>
            <Cell numeric className={owner.at_risk > 0 ? "text-warn" : "text-muted"}>
              {owner.at_risk}
            </Cell>
            <Cell numeric className={owner.breached > 0 ? "text-bad" : "text-muted"}>
              {owner.breached}
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
