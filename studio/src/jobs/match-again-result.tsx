import { Link } from "@tanstack/react-router";
import { type Job, type MatchAgainDetail, useJobItems } from "@/api";
import { Card, Cell, HeadCell, Row, Table } from "@/ui";
import { ItemList } from "./item-list";

/** Each lead whose account changes: from which, to which, and why. */
export function MatchAgainResult({ job, group }: { job: Job; group: string }) {
  const items = useJobItems<MatchAgainDetail>(job, group);
  return (
    <ItemList job={job} items={items}>
      {(rows) => (
        <Card flush>
          <Table aria-label="Leads">
            <thead>
              <tr>
                <HeadCell>Lead</HeadCell>
                <HeadCell>Account before</HeadCell>
                <HeadCell>Account found</HeadCell>
                <HeadCell numeric>How sure</HeadCell>
                <HeadCell>Why</HeadCell>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ seq, subject, detail }) => (
                <Row key={seq}>
                  <Cell className="max-w-[220px] truncate font-medium">
                    <Link
                      to="/leads/$id"
                      params={{ id: detail.lead_id }}
                      className="rounded-sm text-accent-text hover:underline"
                    >
                      {subject || "Lead without a name"}
                    </Link>
                  </Cell>
                  <Cell>{detail.from ?? <span className="text-faint">None</span>}</Cell>
                  <Cell>{detail.to ?? <span className="text-faint">None</span>}</Cell>
                  <Cell numeric>
                    {detail.confidence === null ? "" : `${Math.round(detail.confidence * 100)}%`}
                  </Cell>
                  <Cell className="min-w-[220px] text-muted">{detail.reason}</Cell>
                </Row>
              ))}
            </tbody>
          </Table>
        </Card>
      )}
    </ItemList>
  );
}
