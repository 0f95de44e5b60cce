import { Link } from "@tanstack/react-router";
import { type ListImport, useImports } from "@/api";
import { Moment } from "@/app/moment";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { Card, Cell, Chip, HeadCell, Loading, Row, Skeleton, Table } from "@/ui";
import { DropZone } from "./drop-zone";
import { count, STATUS_WORDS } from "./words";

/** Where lists come in, and what became of those that came before. */
export function ImportsPage() {
  const imports = useImports();
  return (
    <Page title="Imports" section="leads">
      <div className="mx-auto flex max-w-[1080px] flex-col gap-5">
        <DropZone />
        {imports.isPending ? (
          <Loading label="Loading the imports">
            <Skeleton className="h-40 w-full" />
          </Loading>
        ) : imports.isError ? (
          <QueryError error={imports.error} onRetry={() => void imports.refetch()} />
        ) : imports.data.items.length === 0 ? (
          <Steps />
        ) : (
          <Card title="Imports so far" flush>
            <Table aria-label="Imports">
              <thead>
                <tr>
                  <HeadCell>List</HeadCell>
                  <HeadCell>Status</HeadCell>
                  <HeadCell numeric>Rows</HeadCell>
                  <HeadCell numeric>New</HeadCell>
                  <HeadCell numeric>Updated</HeadCell>
                  <HeadCell numeric>Not used</HeadCell>
                  <HeadCell>When</HeadCell>
                </tr>
              </thead>
              <tbody>
                {imports.data.items.map((item) => (
                  <ImportRow key={item.id} item={item} />
                ))}
              </tbody>
            </Table>
          </Card>
        )}
      </div>
    </Page>
  );
}

function ImportRow({ item }: { item: ListImport }) {
  const status = STATUS_WORDS[item.status];
  const figure = (number: number | undefined) => (number === undefined ? "–" : count(number));
  return (
    <Row className="relative">
      <Cell className="max-w-[280px]">
        <Link
          to="/imports/$id"
          params={{ id: item.id }}
          data-row-link
          className="block truncate rounded-sm text-base font-medium after:absolute after:inset-0"
        >
          {item.name}
        </Link>
        <p className="truncate text-muted">{item.created_by ?? ""}</p>
      </Cell>
      <Cell>
        <Chip tone={status.tone}>{status.label}</Chip>
      </Cell>
      <Cell numeric>{item.total === null ? "–" : count(item.total)}</Cell>
      <Cell numeric>{figure(item.counts?.created)}</Cell>
      <Cell numeric>{figure(item.counts?.updated)}</Cell>
      <Cell numeric>{figure(item.counts?.failed)}</Cell>
      <Cell className="whitespace-nowrap text-muted">
        <Moment at={item.created_at} />
      </Cell>
    </Row>
  );
}

const STEPS = [
  ["See what was found", "The real type, the delimiter, the encoding, and rows that cannot be read."],
  [
    "Check the columns",
    "Each column with its values and the field it becomes; remembered for the next list like it.",
  ],
  [
    "Clean and sort out",
    "Names, phones, countries and dates in one form; rules with a reason for every row left out.",
  ],
  ["Preview", "How many leads are new, updated or duplicates, row by row, before anything is written."],
  ["Import, and undo if need be", "With progress, pause and a result file that accounts for every row."],
] as const;

function Steps() {
  return (
    <Card title="How an import goes">
      <ol className="grid gap-3 sm:grid-cols-2">
        {STEPS.map(([title, text], index) => (
          <li key={title} className="flex gap-3">
            <span className="grid size-6 shrink-0 place-items-center rounded-full bg-accent-soft text-xs font-semibold text-accent-text">
              {index + 1}
            </span>
            <span>
              <span className="block font-medium">{title}</span>
              <span className="text-muted">{text}</span>
            </span>
          </li>
        ))}
      </ol>
    </Card>
  );
}
