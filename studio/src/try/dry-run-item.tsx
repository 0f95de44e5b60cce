import { useState } from "react";
import { type DryRunDetail, type Job, type JobItem, useStepKinds, useWorkflow } from "@/api";
import { STATUS_WORDS } from "@/pages/runs/run-words";
import { Chip, Dialog, Loading, Skeleton } from "@/ui";
import { ItemFooter } from "./item-footer";
import { AssumptionList, NotKnownList } from "./not-known";
import { Refusal } from "./refusal";
import { Ways, type WaysView } from "./ways";
import { WriteTable } from "./write-table";

interface DryRunItemProps {
  job: Job;
  item: JobItem<DryRunDetail>;
  previous: number | null;
  next: number | null;
  onOpen: (seq: number | null) => void;
}

/** One event of a dry run: where it would go and what it would write. */
export function DryRunItem({ job, item, previous, next, onOpen }: DryRunItemProps) {
  const { detail } = item;
  const [view, setView] = useState<WaysView>("steps");
  const words = STATUS_WORDS[detail.status];
  const kinds = useStepKinds().data;
  const workflow = useWorkflow(job.workflow_id ?? "").data;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onOpen(null)}
      width="large"
      title={item.subject || `Event ${item.seq + 1}`}
      description="Where it would go and what it would write. Nothing was written."
      footer={<ItemFooter previous={previous} next={next} onOpen={onOpen} run={item.run_id} />}
    >
      <div className="flex flex-col gap-5">
        <p className="flex items-center gap-2 text-sm text-muted">
          It would end as
          <Chip tone={words.tone} dot>
            {words.label}
          </Chip>
        </p>
        {detail.error ? (
          <Refusal
            what="It would fail."
            told={{ title: "", detail: detail.error.message, ...detail.error }}
          />
        ) : null}
        <NotKnownList items={detail.not_known} />
        <AssumptionList items={detail.assumptions ?? []} />
        <section aria-label="What it would write">
          <h3 className="mb-2.5 text-xs font-semibold text-muted">What it would write</h3>
          <WriteTable writes={detail.writes} />
        </section>
        {kinds && workflow ? (
          <Ways
            kinds={kinds}
            view={view}
            onView={setView}
            new={{ label: "As it would go", path: detail.path, document: workflow.draft }}
          />
        ) : (
          <Loading label="Loading the steps">
            <Skeleton className="h-40 rounded-lg" />
          </Loading>
        )}
      </div>
    </Dialog>
  );
}
