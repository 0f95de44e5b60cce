import { useStageReport } from "@/api";
import { QueryError } from "@/app/query-error";
import { number } from "@/jobs/job-words";
import { Card, Cell, HeadCell, Row, Table } from "@/ui";
import { lengthInWords } from "./stages";

/** How many leads are in each stage, how long they stay, and how many go on. */
export function StageReport() {
  const report = useStageReport();
  if (report.isError) return <QueryError error={report.error} onRetry={() => void report.refetch()} />;
  return (
    <Card flush title="How leads fare" subtitle={report.data ? `last ${report.data.days} days` : ""}>
      <Table aria-label="Stages with their leads">
        <thead>
          <tr>
            <HeadCell>Stage</HeadCell>
            <HeadCell numeric>Leads now</HeadCell>
            <HeadCell numeric>Left it</HeadCell>
            <HeadCell numeric>Went on</HeadCell>
            <HeadCell numeric>Median stay</HeadCell>
            <HeadCell>Where to</HeadCell>
          </tr>
        </thead>
        <tbody>
          {report.data?.stages.map(({ stage, now, left, went_on, median_seconds, next }) => (
            <Row key={stage}>
              <Cell className="font-medium">{stage}</Cell>
              <Cell numeric>{number(now)}</Cell>
              <Cell numeric>{number(left)}</Cell>
              <Cell numeric>{left === 0 ? "–" : `${Math.round((went_on / left) * 100)} %`}</Cell>
              <Cell numeric>{median_seconds === null ? "–" : lengthInWords(median_seconds)}</Cell>
              <Cell className="text-muted">
                {next
                  .slice(0, 3)
                  .map((step) => `${step.stage} ${number(step.count)}`)
                  .join(", ")}
              </Cell>
            </Row>
          ))}
        </tbody>
      </Table>
    </Card>
  );
}
