import type { OwnerLoad, Simulation } from "@/api";
import { Cell, HeadCell, Row, Table } from "@/ui";
import { spell } from "../sla/clock-words";
import { PairOfBars } from "./bars";

/** What each owner would have got: in all, by the day, and how long leads waited for them. */
export function OwnerLoads({ draft, inForce }: { draft: Simulation; inForce: Simulation | null }) {
  const before = (owner: OwnerLoad) =>
    inForce?.owners.find((old) => old.owner_id === owner.owner_id)?.leads ?? 0;
  // Who would get nothing any more is part of the answer.
  const gone = (inForce?.owners ?? []).filter(
    (old) => !draft.owners.some((owner) => owner.owner_id === old.owner_id),
  );
  const owners = [...draft.owners, ...gone.map((old) => ({ ...old, leads: 0, waited: 0, by_day: {} }))];
  const most = Math.max(1, ...owners.flatMap((owner) => [owner.leads, before(owner)]));
  const days = daysOf(owners);
  const total = owners.reduce((sum, owner) => sum + owner.leads, 0);
  return (
    <div className="overflow-x-auto">
      <Table aria-label="Leads per owner">
        <thead>
          <tr>
            <HeadCell className="!pl-0">Owner</HeadCell>
            <HeadCell className="w-[34%]">
              <span className="visually-hidden">Bar</span>
            </HeadCell>
            <HeadCell numeric>Leads</HeadCell>
            <HeadCell numeric>Share</HeadCell>
            {inForce ? <HeadCell numeric>Now</HeadCell> : null}
            <HeadCell>By the day</HeadCell>
            <HeadCell>Waits</HeadCell>
          </tr>
        </thead>
        <tbody>
          {owners.map((owner) => (
            <Row key={owner.owner_id}>
              <Cell className="!pl-0 font-medium whitespace-nowrap">{owner.name}</Cell>
              <Cell>
                <span className="flex">
                  <PairOfBars value={owner.leads} before={inForce ? before(owner) : null} most={most} />
                </span>
              </Cell>
              <Cell numeric className="font-medium">
                {owner.leads.toLocaleString("en")}
              </Cell>
              <Cell numeric className="text-muted">
                {total > 0 ? `${Math.round((100 * owner.leads) / total)}%` : "0%"}
              </Cell>
              {inForce ? (
                <Cell numeric className="text-muted">
                  {before(owner).toLocaleString("en")}
                </Cell>
              ) : null}
              <Cell>
                <Days load={owner} days={days} />
              </Cell>
              <Cell className="text-muted">
                {owner.waited > 0
                  ? `${owner.waited.toLocaleString("en")} waited, ${spell(owner.longest_wait_seconds)} at most`
                  : "none"}
              </Cell>
            </Row>
          ))}
        </tbody>
      </Table>
    </div>
  );
}

/** Every day of the span on which anybody got a lead. */
function daysOf(owners: readonly OwnerLoad[]): string[] {
  return [...new Set(owners.flatMap((owner) => Object.keys(owner.by_day)))].sort();
}

/** Days there is room for at least: a single one would fill the whole width. */
const FEWEST = 14;

/** Leads of each day as small columns; the busiest day is told in words. */
function Days({ load, days }: { load: OwnerLoad; days: string[] }) {
  const counts = days.map((day) => load.by_day[day] ?? 0);
  const most = Math.max(1, ...counts);
  const busiest = Math.max(0, ...counts);
  return (
    <span className="flex items-end gap-2 whitespace-nowrap">
      <svg
        aria-hidden
        viewBox={`0 0 ${Math.max(FEWEST, days.length) * 4} 20`}
        preserveAspectRatio="none"
        className="h-5 w-24"
      >
        {counts.map((count, place) => (
          <rect
            key={days[place]}
            x={place * 4}
            y={20 - (20 * count) / most}
            width={3}
            height={(20 * count) / most}
            className="fill-lead"
          />
        ))}
      </svg>
      <span className="text-muted tabular">{busiest} at most</span>
    </span>
  );
}
