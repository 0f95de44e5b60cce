import { type BackTestDetail, type Job, type JobItem, useJobItems } from "@/api";
import { ItemList } from "@/jobs/item-list";
import { fillOf, titleOf } from "@/jobs/job-words";
import { Card, Cell, ErrorCode, HeadCell, Icon, Row, Table } from "@/ui";
import { NotKnownChip } from "./not-known";
import { SideBySide } from "./side-by-side";
import { useOpenItem } from "./use-item";
import { differenceInWords, differencesToTell } from "./values";

interface ResultProps {
  job: Job;
  /** "" for all. */
  group: string;
  /** Number of the item that stands open. */
  open: number | null;
  onOpen: (seq: number | null) => void;
}

/** Each run of the past with what the draft would do otherwise; pressing one opens both side by side. */
export function BackTestResult({ job, group, open, onOpen }: ResultProps) {
  const items = useJobItems<BackTestDetail>(job, group);
  const rows = items.data?.pages.flatMap((page) => page.items) ?? [];
  const { item, previous, next } = useOpenItem<BackTestDetail>(job, rows, open);
  return (
    <>
      <ItemList job={job} items={items}>
        {(shown) => (
          <Card flush>
            <Table aria-label="Runs of the past">
              <thead>
                <tr>
                  <HeadCell>About</HeadCell>
                  <HeadCell>With the draft</HeadCell>
                  <HeadCell>What differs</HeadCell>
                </tr>
              </thead>
              <tbody>
                {shown.map((row) => (
                  <ItemRow key={row.seq} job={job} item={row} onOpen={() => onOpen(row.seq)} />
                ))}
              </tbody>
            </Table>
          </Card>
        )}
      </ItemList>
      {item ? <SideBySide job={job} item={item} previous={previous} next={next} onOpen={onOpen} /> : null}
    </>
  );
}

function ItemRow({ job, item, onOpen }: { job: Job; item: JobItem<BackTestDetail>; onOpen: () => void }) {
  const { detail } = item;
  const told = differencesToTell(detail.differences);
  const failed = detail.not_known.length === 0 ? detail.error : null;
  const place = job.groups.findIndex(({ group }) => group === item.group);
  const group = job.groups[place];
  return (
    <Row className="relative hover:bg-hover">
      <Cell className="w-[30%] max-w-[300px]">
        <button
          type="button"
          onClick={onOpen}
          className="block max-w-full truncate rounded-sm text-left text-base font-medium after:absolute after:inset-0"
        >
          {item.subject || "Without a subject"}
        </button>
      </Cell>
      <Cell className="w-44">
        <span className="inline-flex items-center gap-2 whitespace-nowrap">
          <span aria-hidden className={`size-2 rounded-full ${fillOf(item.group, place)}`} />
          {group ? titleOf({ ...group, count: 1 }) : item.group}
        </span>
      </Cell>
      <Cell>
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          {failed ? (
            <span className="text-bad">
              {failed.message} <ErrorCode code={failed.code} className="relative z-10" />
            </span>
          ) : null}
          {told.slice(0, 3).map((difference) => (
            <span key={difference.label}>{differenceInWords(difference)}</span>
          ))}
          {told.length > 3 ? <span className="text-muted">and {told.length - 3} more</span> : null}
          {told.length === 0 && !failed ? (
            <span className="text-faint">{item.group === "same" ? "nothing" : "the way it goes"}</span>
          ) : null}
          <NotKnownChip count={detail.not_known.length} />
          <Icon name="chevron-right" size={15} className="ml-auto text-faint" />
        </span>
      </Cell>
    </Row>
  );
}
