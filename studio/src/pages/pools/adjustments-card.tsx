import { useAdjustments } from "@/api";
import { QueryError } from "@/app/query-error";
import { dateTime } from "@/app/time";
import { Card, Cell, HeadCell, Row, Table } from "@/ui";

/** Counters that people set: who, when, from what to what, and why. */
export function AdjustmentsCard({ pool }: { pool: string }) {
  const adjustments = useAdjustments(pool);
  const items = adjustments.data ?? [];
  return (
    <Card title="Counters set by hand" subtitle="the latest first" flush>
      {adjustments.isError ? (
        <div className="px-4 pb-3">
          <QueryError error={adjustments.error} onRetry={() => void adjustments.refetch()} />
        </div>
      ) : items.length === 0 ? (
        <p className="px-4 pb-3 text-muted">
          None yet. “Adjust counters” beside a member sets them; what they were, who did it and why stays
          here.
        </p>
      ) : (
        <div className="overflow-x-auto">
          <Table aria-label="Counters set by hand">
            <thead>
              <tr>
                <HeadCell className="!px-4">When</HeadCell>
                <HeadCell>Who</HeadCell>
                <HeadCell>Of</HeadCell>
                <HeadCell>What</HeadCell>
                <HeadCell>Why</HeadCell>
              </tr>
            </thead>
            <tbody>
              {items.map((one) => (
                <Row key={one.id}>
                  <Cell className="!px-4 whitespace-nowrap">{dateTime(one.at)}</Cell>
                  <Cell>{one.by}</Cell>
                  <Cell>{one.owner_name}</Cell>
                  <Cell>{startBig(one.change)}</Cell>
                  <Cell>{one.why}</Cell>
                </Row>
              ))}
            </tbody>
          </Table>
        </div>
      )}
    </Card>
  );
}

function startBig(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
