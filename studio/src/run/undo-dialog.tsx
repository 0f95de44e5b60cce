/** Turning back what a run wrote: first what would happen, field by field, then what did. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import {
  keys,
  type RunView,
  type Told,
  tell,
  type UndoItem,
  type Undone,
  undoApi,
  whenReachable,
} from "@/api";
import { QueryError } from "@/app/query-error";
import { many } from "@/jobs/job-words";
import { Refusal } from "@/try/refusal";
import { valueInWords } from "@/try/values";
import { Button, Dialog, EmptyState, Icon, type IconName, Loading, Skeleton } from "@/ui";

export function UndoDialog({ run, onClose }: { run: RunView; onClose: () => void }) {
  const client = useQueryClient();
  const plan = useQuery({
    queryKey: [...keys.run(run.id), "undo"],
    queryFn: async ({ signal }) => {
      await whenReachable();
      return undoApi.plan(run.id, signal);
    },
    // What others wrote in the meantime decides what can be turned back.
    staleTime: 0,
    gcTime: 0,
  });
  const [busy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState<Told | null>(null);
  const [done, setDone] = useState<Undone | null>(null);
  const can = plan.data?.can ?? 0;

  const undo = async () => {
    setBusy(true);
    setRefusal(null);
    try {
      setDone(await undoApi.undo(run.id));
      void client.invalidateQueries({ queryKey: keys.leads });
      void client.invalidateQueries({ queryKey: keys.run(run.id) });
    } catch (error) {
      setRefusal(tell(error));
    } finally {
      setBusy(false);
    }
  };

  if (done) return <UndoneDialog done={done} onClose={onClose} />;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      width="large"
      title="Undo this run"
      description={`What it wrote about ${run.subject || "its event"} is turned back. Whatever was changed since is left alone.`}
      footer={
        <>
          <Button autoFocus onClick={onClose}>
            Cancel
          </Button>
          <Button variant="danger" icon="undo" busy={busy} disabled={can === 0} onClick={() => void undo()}>
            {can === 0 ? "Turn back" : `Turn back ${many(can, "change")}`}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-5">
        {refusal ? <Refusal what="Nothing was turned back." told={refusal} /> : null}
        {plan.isPending ? (
          <Loading label="Looking at what can be turned back">
            <Skeleton className="h-28" />
          </Loading>
        ) : plan.isError ? (
          <QueryError error={plan.error} onRetry={() => void plan.refetch()} />
        ) : plan.data.items.length === 0 ? (
          <EmptyState icon="undo" title="It wrote nothing">
            No lead was changed and nothing was sent, so there is nothing to turn back.
          </EmptyState>
        ) : (
          <UndoGroups items={plan.data.items} />
        )}
      </div>
    </Dialog>
  );
}

const GROUPS: { state: UndoItem["state"]; title: string; icon: IconName; tone: string }[] = [
  { state: "can", title: "Will be turned back", icon: "undo", tone: "text-accent-text" },
  { state: "changed_since", title: "Left, because it was changed since", icon: "info", tone: "text-warn" },
  { state: "cannot", title: "Cannot be undone", icon: "cancelled", tone: "text-muted" },
];

function UndoGroups({ items }: { items: readonly UndoItem[] }) {
  return GROUPS.map(({ state, title, icon, tone }) => {
    const here = items.filter((item) => item.state === state);
    if (here.length === 0) return null;
    return (
      <section key={state} aria-label={title}>
        <h3 className="mb-1.5 flex items-center gap-2 font-semibold">
          <Icon name={icon} size={16} className={tone} /> {title}
          <span className="font-normal text-muted tabular">{here.length}</span>
        </h3>
        <UndoTable items={here} state={state} />
      </section>
    );
  });
}

function UndoTable({ items, state }: { items: readonly UndoItem[]; state: UndoItem["state"] }) {
  return (
    <table className="w-full table-fixed border-collapse text-sm">
      <thead>
        <tr className="text-left text-xs text-muted">
          <th className="w-[25%] px-2 pb-1 font-medium">What</th>
          <th className="w-[14%] px-2 pb-1 font-medium">Field</th>
          {state === "cannot" ? null : (
            <>
              <th className="px-2 pb-1 font-medium">Now</th>
              <th className="px-2 pb-1 font-medium">{state === "can" ? "Back to" : "Before"}</th>
            </>
          )}
          {state === "can" ? null : <th className="w-[32%] px-2 pb-1 font-medium">Why</th>}
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <tr key={`${item.step}/${item.what}/${item.label}`} className="border-t border-border align-top">
            <th scope="row" className="px-2 py-1.5 text-left font-normal break-words">
              {item.what}
            </th>
            <td className="px-2 py-1.5 break-words">{item.label}</td>
            {state === "cannot" ? null : (
              <>
                <td className="px-2 py-1.5 break-words text-muted">{valueInWords(item.now)}</td>
                <td className="px-2 py-1.5 font-semibold break-words">{valueInWords(item.back_to)}</td>
              </>
            )}
            {state === "can" ? null : <td className="px-2 py-1.5 break-words text-muted">{item.why}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What was turned back, and the way to the leads it concerns. */
function UndoneDialog({ done, onClose }: { done: Undone; onClose: () => void }) {
  const leads = new Map(
    done.items.flatMap(({ lead_id, what }): [string, string][] => (lead_id ? [[lead_id, what]] : [])),
  );
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={done.undone === 0 ? "Nothing was turned back" : `${many(done.undone, "change")} turned back`}
      description={
        done.skipped > 0
          ? `${many(done.skipped, "thing")} ${done.skipped === 1 ? "was" : "were"} left as ${done.skipped === 1 ? "it is" : "they are"}.`
          : "It stands in the history of each lead."
      }
      footer={
        <Button autoFocus variant="primary" onClick={onClose}>
          Done
        </Button>
      }
    >
      <ul className="flex flex-col gap-1.5">
        {[...leads].map(([id, what]) => (
          <li key={id}>
            <Link
              to="/leads/$id"
              params={{ id }}
              className="inline-flex items-center gap-1 rounded-sm font-medium text-accent-text hover:underline"
            >
              {what}
              <Icon name="arrow-right" size={14} />
            </Link>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
