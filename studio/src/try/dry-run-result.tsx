import { useState } from "react";
import { type DryRunDetail, type Job, type JobItem, jobsApi, useJobItems } from "@/api";
import { sayError } from "@/app/say-error";
import { ItemList } from "@/jobs/item-list";
import { saveFile } from "@/pages/workflows/save-file";
import { Button, Card, Cell, ErrorCode, HeadCell, Select, Table } from "@/ui";
import { DryRunItem } from "./dry-run-item";
import { NotKnownChip } from "./not-known";
import { useOpenItem } from "./use-item";
import { csvName, type WriteRow, writeRows, writesAsCsv, writingSteps } from "./write-rows";
import { PromiseChip, RequestButton } from "./write-table";

interface ResultProps {
  job: Job;
  group: string;
  open: number | null;
  onOpen: (seq: number | null) => void;
}

/** What would have been written, field by field. */
export function DryRunResult({ job, group, open, onOpen }: ResultProps) {
  const items = useJobItems<DryRunDetail>(job, group);
  const [step, setStep] = useState("");
  const rows = items.data?.pages.flatMap((page) => page.items) ?? [];
  const { item, previous, next } = useOpenItem<DryRunDetail>(job, rows, open);
  return (
    <>
      <ItemList job={job} items={items}>
        {(shown) => (
          <Card
            flush
            title="What would be written"
            aside={
              <>
                <Select
                  size="small"
                  aria-label="Only what this step writes"
                  className="!w-52"
                  value={step}
                  onValueChange={setStep}
                  options={[
                    { value: "", label: "Every step" },
                    ...writingSteps(shown).map(({ id, title }) => ({ value: id, label: title })),
                  ]}
                />
                <ExportButton job={job} group={group} step={step} />
              </>
            }
          >
            <WritesTable rows={writeRows(shown, step)} onOpen={onOpen} />
          </Card>
        )}
      </ItemList>
      {item ? <DryRunItem job={job} item={item} previous={previous} next={next} onOpen={onOpen} /> : null}
    </>
  );
}

function WritesTable({ rows, onOpen }: { rows: readonly WriteRow[]; onOpen: (seq: number) => void }) {
  if (rows.length === 0) {
    return <p className="px-4 pt-2 pb-5 text-muted">This step would write nothing here. Choose another.</p>;
  }
  return (
    <Table aria-label="What would be written">
      <thead>
        <tr>
          <HeadCell>About</HeadCell>
          <HeadCell>Who or what</HeadCell>
          <HeadCell>Field</HeadCell>
          <HeadCell>Before</HeadCell>
          <HeadCell>After</HeadCell>
          <HeadCell>Promise</HeadCell>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr
            key={row.key}
            className={
              row.itemRows > 0
                ? "border-t border-border-strong"
                : row.writeRows > 0
                  ? "border-t border-border"
                  : ""
            }
          >
            {row.itemRows > 0 ? (
              <Cell rowSpan={row.itemRows} className="max-w-[190px] align-top">
                <About row={row} onOpen={onOpen} />
              </Cell>
            ) : null}
            {row.write ? <WriteCells row={row} write={row.write} /> : <NothingCell row={row} />}
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

function About({ row: { item }, onOpen }: { row: WriteRow; onOpen: (seq: number) => void }) {
  return (
    <>
      <button
        type="button"
        onClick={() => onOpen(item.seq)}
        className="block max-w-full truncate rounded-sm text-left font-medium hover:underline"
      >
        {item.subject || `Event ${item.seq + 1}`}
      </button>
      <NotKnownChip count={item.detail.not_known.length} />
    </>
  );
}

function WriteCells({ row, write }: { row: WriteRow; write: NonNullable<WriteRow["write"]> }) {
  const first = row.writeRows > 0;
  return (
    <>
      {first ? (
        <Cell rowSpan={row.writeRows} className="max-w-[230px] align-top">
          <p className="break-words">{write.what}</p>
          <p className="text-xs text-muted">by “{write.step_title}”</p>
        </Cell>
      ) : null}
      <Cell className="py-1.5 align-top">{row.label || <RequestButton write={write} />}</Cell>
      <Cell className="max-w-[170px] py-1.5 align-top break-words text-muted">{row.old}</Cell>
      <Cell className="max-w-[200px] py-1.5 align-top font-semibold break-words">{row.new}</Cell>
      {first ? (
        <Cell rowSpan={row.writeRows} className="align-top">
          <span className="flex flex-col items-start gap-1">
            <PromiseChip promise={write.promise} />
            {row.label && row.request !== undefined ? <RequestButton write={write} /> : null}
          </span>
        </Cell>
      ) : null}
    </>
  );
}

/** An event that would write nothing, or fail before it could. */
function NothingCell({ row: { item } }: { row: WriteRow }) {
  const { error } = item.detail;
  return (
    <Cell colSpan={5}>
      {error ? (
        <span className="text-bad">
          It would fail: {error.message} {error.action} <ErrorCode code={error.code} />
        </span>
      ) : (
        <span className="text-muted">would write nothing</span>
      )}
    </Cell>
  );
}

/** Everything that was worked out, not only what is on the page. */
function ExportButton({ job, group, step }: { job: Job; group: string; step: string }) {
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    try {
      const all: JobItem<DryRunDetail>[] = [];
      let after: number | undefined;
      do {
        const page = await jobsApi.items<DryRunDetail>(job.id, {
          group: group || undefined,
          after,
          limit: 500,
        });
        all.push(...page.items);
        after = page.next ?? undefined;
      } while (after !== undefined);
      saveFile(csvName(job), writesAsCsv(writeRows(all, step)), "text/csv");
    } catch (error) {
      sayError("The table was not exported")(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button size="small" icon="download" busy={busy} onClick={() => void save()}>
      Export CSV
    </Button>
  );
}
