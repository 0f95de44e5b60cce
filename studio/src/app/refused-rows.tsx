import { Cell, HeadCell, Row, Table } from "@/ui";

interface RefusedRowsProps {
  /** What the table is called to those who do not see it. */
  label: string;
  problems: readonly { line: number; reason: string }[];
}

/** The rows of a file that were not taken in, each with its line and why; nothing when all were. */
export function RefusedRows({ label, problems }: RefusedRowsProps) {
  if (problems.length === 0) return null;
  return (
    <Table aria-label={label}>
      <thead>
        <tr>
          <HeadCell numeric>Line</HeadCell>
          <HeadCell>Why</HeadCell>
        </tr>
      </thead>
      <tbody>
        {problems.map(({ line, reason }) => (
          <Row key={`${line} ${reason}`}>
            <Cell numeric>{line}</Cell>
            <Cell>{reason}</Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
