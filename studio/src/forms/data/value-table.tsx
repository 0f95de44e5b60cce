import { useState } from "react";
import { Button, Cell, HeadCell, Row, Table } from "@/ui";
import { inShort, keyInWords } from "./available";
import type { ValueAsTable } from "./table-of";

/** Rows before "show more": long lists must not freeze the panel. */
const PAGE = 50;

export function ValueTable({ table, label }: { table: ValueAsTable; label: string }) {
  const [limit, setLimit] = useState(PAGE);
  return (
    <>
      <Table aria-label={label}>
        <thead>
          <tr>
            {table.columns.map((column) => (
              <HeadCell key={column}>{keyInWords(column)}</HeadCell>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.slice(0, limit).map((row, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: rows of a value have no identity but their place
            <Row key={index}>
              {row.map((cell, at) => (
                <Cell key={table.columns[at]} numeric={typeof cell === "number"}>
                  {cell === undefined ? "" : inShort(cell, 80)}
                </Cell>
              ))}
            </Row>
          ))}
        </tbody>
      </Table>
      {table.rows.length > limit ? (
        <Button size="small" variant="ghost" onClick={() => setLimit(limit + PAGE * 4)}>
          Show more of the other {(table.rows.length - limit).toLocaleString("en")}
        </Button>
      ) : null}
    </>
  );
}
