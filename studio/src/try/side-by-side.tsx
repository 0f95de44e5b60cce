/** One event of the past: what came of it then, and what the draft would make of it. */
import { clsx } from "clsx";
import { useState } from "react";
import { type BackTestDetail, type Job, type JobItem, useRun, useStepKinds, useWorkflow } from "@/api";
import { Dialog, Icon, Loading, Skeleton } from "@/ui";
import { ItemFooter } from "./item-footer";
import { AssumptionList, NotKnownList } from "./not-known";
import { Refusal } from "./refusal";
import { outcomeRows } from "./values";
import { Ways, type WaysView } from "./ways";
import { WriteTable } from "./write-table";

interface SideBySideProps {
  job: Job;
  item: JobItem<BackTestDetail>;
  previous: number | null;
  next: number | null;
  onOpen: (seq: number | null) => void;
}

export function SideBySide({ job, item, previous, next, onOpen }: SideBySideProps) {
  const { detail } = item;
  const [view, setView] = useState<WaysView>("steps");
  const drawn = view === "drawing";
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onOpen(null)}
      width="full"
      title={item.subject || "One run"}
      description="What came of it then, and what the draft would make of it. Nothing was written."
      footer={<ItemFooter previous={previous} next={next} onOpen={onOpen} run={item.run_id} />}
    >
      <div className="grid items-start gap-6 min-[1000px]:grid-cols-[minmax(0,5fr)_minmax(0,4fr)]">
        <div className={clsx("flex min-w-0 flex-col gap-5", drawn && "col-span-full")}>
          {detail.error && detail.not_known.length === 0 ? (
            <Refusal
              what="The draft fails on it."
              told={{ title: "", detail: detail.error.message, ...detail.error }}
            />
          ) : null}
          <Outcomes detail={detail} />
          <NotKnownList items={detail.not_known} />
          <AssumptionList items={detail.assumptions ?? []} />
        </div>
        <section
          aria-label="What the draft would write"
          // Beside the outcome and the steps; drawings need the whole width.
          className={clsx("min-w-0", drawn ? "order-last col-span-full" : "min-[1000px]:row-span-2")}
        >
          <h3 className="mb-2.5 text-xs font-semibold text-muted">What the draft would write</h3>
          <WriteTable writes={detail.writes} />
        </section>
        <div className={clsx("min-w-0", drawn && "col-span-full")}>
          <BothWays job={job} item={item} view={view} onView={setView} />
        </div>
      </div>
    </Dialog>
  );
}

function Outcomes({ detail }: { detail: BackTestDetail }) {
  const rows = outcomeRows(detail);
  if (rows.length === 0) return null;
  return (
    <table className="w-full table-fixed border-collapse">
      <thead>
        <tr className="text-left text-xs text-muted">
          <th className="w-[24%] pb-1.5 font-medium">Outcome</th>
          <th className="px-2.5 pb-1.5 font-medium">As it ran</th>
          <th className="px-2.5 pb-1.5 font-medium">With the draft</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ label, old, new: now, differs }) => (
          <tr key={label} className="border-t border-border">
            <th scope="row" className="py-2 text-left align-top font-normal text-muted">
              {label}
            </th>
            <td className={clsx("px-2.5 py-2 align-top break-words", differs && "text-muted")}>{old}</td>
            <td
              className={clsx("px-2.5 py-2 align-top break-words", differs && "bg-accent-soft font-semibold")}
            >
              {differs ? (
                <Icon
                  name="arrow-right"
                  size={13}
                  className="mr-1 inline align-[-1px] text-accent-text"
                  label="now"
                />
              ) : null}
              {now}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface BothWaysProps {
  job: Job;
  item: JobItem<BackTestDetail>;
  view: WaysView;
  onView: (view: WaysView) => void;
}

function BothWays({ job, item, view, onView }: BothWaysProps) {
  const kinds = useStepKinds().data;
  const workflow = useWorkflow(job.workflow_id ?? "").data;
  const run = useRun(item.run_id ?? "").data;
  if (!kinds || !workflow) {
    return (
      <Loading label="Loading the steps">
        <Skeleton className="h-40 rounded-lg" />
      </Loading>
    );
  }
  const { old, new: now } = item.detail;
  if (!old || !now) return null;
  const version = run && !run.draft && run.version !== null ? `version ${run.version}` : "";
  return (
    <>
      <Ways
        kinds={kinds}
        view={view}
        onView={onView}
        old={{
          label: version ? `As it ran, ${version}` : "As it ran",
          path: old.path,
          // A run that is kept no longer is read with the present names.
          document: run?.document ?? workflow.published ?? workflow.draft,
        }}
        new={{ label: "With the draft", path: now.path, document: workflow.draft }}
      />
      {Date.parse(workflow.updated_at) > Date.parse(job.finished_at ?? job.created_at) ? (
        <p className="flex items-start gap-2 text-sm text-muted">
          <Icon name="info" size={15} className="mt-px" />
          The draft was changed after this was tried. Try it again to see what the change does.
        </p>
      ) : null}
    </>
  );
}
