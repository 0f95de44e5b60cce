import { Link } from "@tanstack/react-router";
import { type Job, type RunAgainDetail, useJobItems } from "@/api";
import { Card, Cell, ErrorCode, HeadCell, Row, Table } from "@/ui";
import { ItemList } from "./item-list";

/** Each run of the past and the one that was started from it. */
export function RunAgainResult({ job, group }: { job: Job; group: string }) {
  const items = useJobItems<RunAgainDetail>(job, group);
  return (
    <ItemList job={job} items={items}>
      {(rows) => (
        <Card flush>
          <Table aria-label="Runs">
            <thead>
              <tr>
                <HeadCell>About</HeadCell>
                <HeadCell>The run before</HeadCell>
                <HeadCell>The run now</HeadCell>
              </tr>
            </thead>
            <tbody>
              {rows.map(({ seq, subject, run_id, detail }) => (
                <Row key={seq}>
                  <Cell className="max-w-[320px] truncate font-medium">{subject || "Without a subject"}</Cell>
                  <Cell>{run_id ? <RunLink id={run_id}>Open the old run</RunLink> : "gone"}</Cell>
                  <Cell>
                    {detail.error ? (
                      <span className="text-bad">
                        {detail.error.message} {detail.error.action} <ErrorCode code={detail.error.code} />
                      </span>
                    ) : detail.new_run_id ? (
                      <RunLink id={detail.new_run_id}>Open the new run</RunLink>
                    ) : (
                      <span className="text-muted">not started</span>
                    )}
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

function RunLink({ id, children }: { id: string; children: string }) {
  return (
    <Link to="/runs/$id" params={{ id }} className="rounded-sm font-medium text-accent-text hover:underline">
      {children}
    </Link>
  );
}
