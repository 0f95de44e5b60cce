import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { type ImportSettings, importKeys, importsApi, type ListImport, useImport } from "@/api";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { sayError } from "@/app/say-error";
import { CancelJob, JobProgress } from "@/jobs/job-progress";
import { Button, Card, Chip, ConfirmDialog, ErrorState, Loading, Skeleton } from "@/ui";
import { AfterwardsCard } from "./afterwards-card";
import { CleanCard } from "./clean-card";
import { ColumnsCard } from "./columns-card";
import { FoundCard } from "./found-card";
import { PreviewPart } from "./preview-part";
import { DonePart, RunningPart } from "./run-part";
import { StepsBar } from "./steps-bar";
import { count, STATUS_WORDS, splitError } from "./words";

const route = getRouteApi("/shell/imports/$id");

/** One import, from what was found to what became of it. */
export function ImportPage() {
  const { id } = route.useParams();
  const found = useImport(id);
  const item = found.data;
  return (
    <Page
      title={item?.name ?? "Import"}
      crumbs={[{ label: "Imports", to: "/imports" }]}
      section="leads"
      status={
        item ? <Chip tone={STATUS_WORDS[item.status].tone}>{STATUS_WORDS[item.status].label}</Chip> : null
      }
      actions={item ? <RemoveImport item={item} /> : null}
    >
      <div className="mx-auto flex max-w-[1080px] flex-col gap-4">
        {found.isPending ? (
          <Loading label="Loading the import">
            <Skeleton className="h-64 w-full" />
          </Loading>
        ) : found.isError ? (
          <QueryError error={found.error} onRetry={() => void found.refetch()} />
        ) : (
          <Wizard item={found.data} />
        )}
      </div>
    </Page>
  );
}

function Wizard({ item }: { item: ListImport }) {
  switch (item.status) {
    case "reading":
    case "previewing":
      return (
        <>
          <StepsBar at={item.status === "reading" ? "columns" : "preview"} />
          <Card
            title={item.status === "reading" ? "Reading the file" : "Going through every row"}
            aside={item.job && item.job.status === "running" ? <CancelJob job={item.job} /> : null}
          >
            {item.job ? <JobProgress job={item.job} /> : null}
            <p className="mt-2 text-muted" role="status">
              {item.status === "reading"
                ? "What it is, its columns and its rows are found out."
                : `Nothing is written. ${count(item.job?.done ?? 0)} of ${count(item.total ?? 0)} rows so far.`}
            </p>
          </Card>
        </>
      );
    case "ready":
      return <Choosing item={item} />;
    case "previewed":
      return <Previewed item={item} />;
    case "running":
    case "paused":
      return (
        <>
          <StepsBar at="run" />
          <RunningPart item={item} />
        </>
      );
    case "failed":
      return item.run_id ? (
        <>
          <Failed error={item.error} />
          <DonePart item={item} />
        </>
      ) : (
        <Failed error={item.error} />
      );
    default:
      return (
        <>
          <StepsBar at="done" />
          <DonePart item={item} />
        </>
      );
  }
}

function Failed({ error }: { error: string | null }) {
  const { code, text } = splitError(error ?? "It could not go on.");
  return (
    <Card>
      <ErrorState title="The list was not imported" {...(code ? { code } : {})}>
        {text.charAt(0).toUpperCase() + text.slice(1)}.
      </ErrorState>
    </Card>
  );
}

/** Choosing what becomes of columns and rows. */
function Choosing({ item }: { item: ListImport }) {
  const client = useQueryClient();
  const [settings, setSettings] = useState<ImportSettings | null>(item.settings);
  const [busy, setBusy] = useState(false);
  const { found } = item;
  // Read another way, the columns are others.
  const columns = item.settings?.columns.map((use) => use.column).join("\n");
  useEffect(() => {
    setSettings((now) =>
      now?.columns.map((use) => use.column).join("\n") === columns ? now : item.settings,
    );
  }, [columns, item.settings]);
  if (!found || !settings) return null;
  const preview = async () => {
    setBusy(true);
    try {
      await importsApi.choose(item.id, settings);
      client.setQueryData(importKeys.one(item.id), await importsApi.preview(item.id));
    } catch (error) {
      sayError("There is no preview yet")(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <StepsBar at="columns" />
      {item.error ? <Failed error={item.error} /> : null}
      <FoundCard item={item} found={found} />
      <ColumnsCard found={found} settings={settings} onSettings={setSettings} />
      <CleanCard settings={settings} onSettings={setSettings} />
      <AfterwardsCard settings={settings} onSettings={setSettings} />
      <div className="sticky bottom-0 -mx-1 flex items-center gap-3 border-t border-border bg-bg px-1 py-3">
        <span className="text-muted">Nothing is written yet.</span>
        <Button
          variant="primary"
          size="large"
          icon="eye"
          className="ml-auto"
          busy={busy}
          onClick={() => void preview()}
        >
          Preview {count(found.rows)} rows
        </Button>
      </div>
    </>
  );
}

function Previewed({ item }: { item: ListImport }) {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const { preview, settings } = item;
  if (!preview || !settings) return null;
  const go = async (call: () => Promise<ListImport>, trouble: string) => {
    setBusy(true);
    try {
      client.setQueryData(importKeys.one(item.id), await call());
    } catch (error) {
      sayError(trouble)(error);
    } finally {
      setBusy(false);
    }
  };
  const used = preview.counts.created + preview.counts.updated;
  return (
    <>
      <StepsBar at="preview" />
      <PreviewPart preview={preview} />
      <div className="sticky bottom-0 -mx-1 flex items-center gap-3 border-t border-border bg-bg px-1 py-3">
        <Button
          icon="arrow-left"
          disabled={busy}
          onClick={() =>
            void go(() => importsApi.choose(item.id, settings), "The choices could not be opened")
          }
        >
          Change the choices
        </Button>
        <span className="ml-auto text-muted">Nothing is written yet.</span>
        <Button
          variant="primary"
          size="large"
          icon="play"
          busy={busy}
          onClick={() => void go(() => importsApi.start(item.id), "The import did not start")}
        >
          Import {count(used)} leads
        </Button>
      </div>
    </>
  );
}

function RemoveImport({ item }: { item: ListImport }) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [asking, setAsking] = useState(false);
  const moving = ["running", "paused", "undoing", "reading", "previewing"].includes(item.status);
  if (moving) return null;
  const remove = async () => {
    try {
      await importsApi.remove(item.id);
      await client.invalidateQueries({ queryKey: importKeys.list });
      await navigate({ to: "/imports" });
    } catch (error) {
      sayError("The import was not removed")(error);
    }
  };
  return (
    <>
      <Button icon="trash" onClick={() => setAsking(true)}>
        Remove
      </Button>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title={`Remove “${item.name}”?`}
        description={
          item.run_id
            ? "The leads stay as they are. The import can no longer be undone, and its result file is gone."
            : "The file and the choices are gone; nothing was imported from it."
        }
        confirmLabel="Remove the import"
        danger
        onConfirm={remove}
      />
    </>
  );
}
