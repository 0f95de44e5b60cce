import { Link } from "@tanstack/react-router";
import { type Job, useJobItems } from "@/api";
import { Card, Cell, HeadCell, Row, Table } from "@/ui";
import { ItemList } from "./item-list";

interface Unchanged {
  lead_id: string;
  code: string;
  message: string;
}

/** The leads that a change of many could not change, each with its reason. */
export function UnchangedLeads({ job, group }: { job: Job; group: string }) {
  const items = useJobItems<Unchanged>(job, group);
  if (!job.groups.some((one) => one.group === "failed" && one.count > 0)) return null;
  return (
    <ItemList job={job} items={items}>
      {(rows) => (
        <Card flush>
          <Table aria-label="Leads that could not be changed">
            <thead>
              <tr>
                <HeadCell>Lead</HeadCell>
                <HeadCell>Why it could not be changed</HeadCell>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ seq, subject, detail }) => (
                <Row key={seq}>
                  <Cell className="max-w-[260px] truncate font-medium">
                    <Link
                      to="/leads/$id"
                      params={{ id: detail.lead_id }}
                      className="rounded-sm text-accent-text hover:underline"
                    >
                      {subject || "Lead without a name"}
                    </Link>
                  </Cell>
                  <Cell>
                    {detail.message} <span className="text-xs text-muted">{detail.code}</span>
                  </Cell>
                </Row>
              ))}
            </tbody>
          </Table>
        </Card>
      )}
    </ItemList>
  );
}
