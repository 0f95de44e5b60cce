import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { type Storage, storageApi, storageKeys, useStorage, useWorkflow } from "@/api";
import { QueryError } from "@/app/query-error";
import { sayError } from "@/app/say-error";
import {
  Button,
  Card,
  Cell,
  Field,
  HeadCell,
  Input,
  Loading,
  Progress,
  Row,
  Skeleton,
  Switch,
  Table,
  toast,
} from "@/ui";
import { bytesInWords, gigabytes } from "./bytes";

/** What the history takes, what limits it, and which workflow it belongs to. */
export function StorageCard() {
  const storage = useStorage();
  return (
    <Card title="Storage" id="storage">
      {storage.isPending ? (
        <Loading label="Loading the size of the storage" className="flex flex-col gap-3">
          <Skeleton className="h-8 w-48" />
          <Skeleton className="h-24 w-full" />
        </Loading>
      ) : storage.isError ? (
        <QueryError error={storage.error} onRetry={() => void storage.refetch()} />
      ) : (
        <div className="flex flex-col gap-4">
          <Size storage={storage.data} />
          <Budget storage={storage.data} />
          <ByWorkflow storage={storage.data} />
        </div>
      )}
    </Card>
  );
}

function Size({ storage: { bytes, budget_bytes: budget, runs } }: { storage: Storage }) {
  const full = budget !== null && bytes > budget * 0.9;
  return (
    <div>
      <p className="flex items-baseline gap-2">
        <b className="text-2xl font-semibold tabular">{bytesInWords(bytes)}</b>
        <span className="text-muted">
          {budget === null ? "" : `of ${bytesInWords(budget)} · `}
          {runs.toLocaleString("en")} {runs === 1 ? "run" : "runs"} kept
        </span>
      </p>
      {budget === null ? null : (
        <Progress
          className="mt-2"
          value={Math.min(bytes, budget)}
          max={budget}
          label="Part of the budget that is used"
          tone={full ? "warn" : "accent"}
        />
      )}
    </div>
  );
}

const USUAL_BUDGET = 10e9;

function Budget({ storage }: { storage: Storage }) {
  const client = useQueryClient();
  const budget = storage.budget_bytes;
  const [text, setText] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const shown = text ?? (budget === null ? "" : String(budget / 1e9));
  const wanted = gigabytes(shown);
  const changed = text !== null && wanted !== budget;
  const save = async (next: number | null) => {
    setBusy(true);
    try {
      const now = await storageApi.setBudget(next);
      client.setQueryData<Storage>(storageKeys.storage, now);
      setText(null);
      toast({
        tone: "ok",
        title: next === null ? "The budget is gone" : `The budget is ${bytesInWords(next)}`,
      });
    } catch (error) {
      sayError("The budget was not changed")(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <section aria-label="Budget" className="border-t border-border pt-3">
      <div className="flex items-start gap-4">
        <div className="min-w-0 flex-1">
          <h3 className="text-base font-medium">Keep below a size</h3>
          <p className="mt-0.5 text-muted">
            {budget === null
              ? "Runs stay as long as their workflow keeps them, however much room they take."
              : `When it grows beyond ${bytesInWords(budget)}, the oldest finished runs go first. Leads, workflows and runs that go on are never touched.`}
          </p>
        </div>
        <Switch
          aria-label="Keep below a size"
          checked={budget !== null}
          disabled={busy}
          onCheckedChange={(on) => void save(on ? Math.max(USUAL_BUDGET, storage.bytes) : null)}
        />
      </div>
      {budget === null ? null : (
        <form
          className="mt-3 flex items-end gap-2"
          onSubmit={(event) => {
            event.preventDefault();
            if (wanted !== null) void save(wanted);
          }}
        >
          <Field
            label="At most"
            error={changed && wanted === null ? "Write a size in gigabytes, 0.02 or more." : undefined}
          >
            {(control) => (
              <div className="flex items-center gap-1.5">
                <Input
                  {...control}
                  inputMode="decimal"
                  className="!w-28 tabular"
                  value={shown}
                  onChange={(event) => setText(event.target.value)}
                />
                <span className="text-sm text-muted">GB</span>
              </div>
            )}
          </Field>
          <Button type="submit" busy={busy} disabled={!changed || wanted === null}>
            Save
          </Button>
          {changed && wanted !== null && wanted < storage.bytes ? (
            <p role="status" className="pb-1.5 text-sm text-warn">
              About {bytesInWords(storage.bytes - wanted)} of the oldest runs will be deleted.
            </p>
          ) : null}
        </form>
      )}
    </section>
  );
}

const FIRST_ROWS = 6;

function ByWorkflow({ storage }: { storage: Storage }) {
  const [all, setAll] = useState(false);
  const rows = [...storage.by_workflow].sort((a, b) => b.bytes - a.bytes);
  if (rows.length === 0) {
    return (
      <p className="border-t border-border pt-3 text-muted">
        No run is kept yet. Here it will stand how much room the runs of each workflow take.
      </p>
    );
  }
  return (
    <section aria-label="Room by workflow" className="border-t border-border pt-2">
      <Table aria-label="Room by workflow">
        <thead>
          <tr>
            <HeadCell className="!pl-0">Workflow</HeadCell>
            <HeadCell>Kept</HeadCell>
            <HeadCell numeric>Runs</HeadCell>
            <HeadCell numeric className="!pr-0">
              Size
            </HeadCell>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, all ? rows.length : FIRST_ROWS).map(({ workflow_id: id, name, runs, bytes }) => (
            <Row key={id}>
              <Cell className="max-w-[260px] !pl-0">
                <Link
                  to="/workflows/$id"
                  params={{ id }}
                  className="block truncate rounded-sm font-medium hover:underline"
                >
                  {name}
                </Link>
              </Cell>
              <Cell className="text-muted">
                <Kept workflow={id} />
              </Cell>
              <Cell numeric>{runs.toLocaleString("en")}</Cell>
              <Cell numeric className="!pr-0 whitespace-nowrap">
                {bytesInWords(bytes)}
              </Cell>
            </Row>
          ))}
        </tbody>
      </Table>
      {rows.length > FIRST_ROWS ? (
        <Button variant="ghost" size="small" className="mt-1" onClick={() => setAll(!all)}>
          {all ? "Show the largest" : `Show all ${rows.length}`}
        </Button>
      ) : null}
      <p className="mt-2 text-xs text-muted">
        How long runs are kept and when they are thinned is part of each workflow: open it, then its settings.
      </p>
    </section>
  );
}

/** Of the version that runs. Read per row, because only the few largest are in sight. */
function Kept({ workflow }: { workflow: string }) {
  const settings = useWorkflow(workflow).data?.published?.settings;
  const keep = settings?.keep_days ?? 30;
  const thin = settings?.thin_after_days;
  return thin !== undefined && thin < keep
    ? `in full for ${thin}, thinned until ${keep} days`
    : `in full for ${keep} days`;
}
