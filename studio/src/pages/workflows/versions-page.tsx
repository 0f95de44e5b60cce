import { useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, keys, useVersions, useWorkflow, type Workflow, type WorkflowVersion } from "@/api";
import { Moment } from "@/app/moment";
import { Page, WorkflowTabs } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { sayError } from "@/app/say-error";
import { Button, Card, Chip, ConfirmDialog, EmptyState, Loading, Skeleton, toast } from "@/ui";
import { VersionDialog } from "./version-dialog";

const route = getRouteApi("/shell/workflows/$id/versions");

/** What was published when, by whom and what changed each time; any of it can be brought back as the draft. */
export function VersionsPage() {
  const { id } = route.useParams();
  const workflow = useWorkflow(id);
  const versions = useVersions(id);
  const [viewing, setViewing] = useState<number | null>(null);
  const [restoring, setRestoring] = useState<number | null>(null);
  const restore = useRestore(id);
  const name = workflow.data?.name ?? "Workflow";

  return (
    <Page
      title={`Versions of ${name}`}
      heading={name}
      crumbs={[{ label: "Workflows", to: "/workflows" }]}
      centre={<WorkflowTabs id={id} current="versions" />}
    >
      <div className="mx-auto max-w-[760px]">
        {versions.isPending || workflow.isPending ? (
          <VersionsSkeleton />
        ) : versions.isError || workflow.isError ? (
          <QueryError
            error={versions.error ?? workflow.error}
            onRetry={() => {
              void versions.refetch();
              void workflow.refetch();
            }}
          />
        ) : versions.data.items.length === 0 ? (
          <Card>
            <EmptyState
              icon="history"
              title="Not published yet"
              action={
                <Link
                  to="/workflows/$id"
                  params={{ id }}
                  className="font-medium text-accent-text hover:underline"
                >
                  Open the draft
                </Link>
              }
            >
              Publishing freezes the draft as a version. Runs keep to the version they started with, and you
              can compare versions and go back here.
            </EmptyState>
          </Card>
        ) : (
          <>
            {workflow.data.draft_changed ? <DraftNote workflow={workflow.data} /> : null}
            <ol className="space-y-3">
              {versions.data.items.map((version) => (
                <VersionCard
                  key={version.version}
                  version={version}
                  current={version.version === workflow.data.published_version}
                  onView={() => setViewing(version.version)}
                  onRestore={() => setRestoring(version.version)}
                />
              ))}
            </ol>
          </>
        )}
      </div>
      <VersionDialog id={id} name={name} version={viewing} onClose={() => setViewing(null)} />
      <ConfirmDialog
        open={restoring !== null}
        onOpenChange={(open) => !open && setRestoring(null)}
        title={`Bring back version ${restoring}?`}
        description={
          workflow.data?.draft_changed
            ? "It replaces the present draft, whose unpublished changes are lost. What is published stays as it is until you publish."
            : "It becomes the draft. What is published stays as it is until you publish."
        }
        confirmLabel="Bring it back"
        onConfirm={() => (restoring === null ? undefined : restore(restoring))}
      />
    </Page>
  );
}

function useRestore(id: string) {
  const client = useQueryClient();
  return async (version: number) => {
    try {
      const workflow = await api.restore(id, version);
      client.setQueryData(keys.workflow(id), workflow);
      toast({
        tone: "ok",
        title: `Version ${version} is the draft now`,
        description: "Look at it, then publish.",
      });
    } catch (error) {
      sayError("The version was not brought back")(error);
      throw error;
    }
  };
}

function DraftNote({ workflow }: { workflow: Workflow }) {
  return (
    <p className="mb-3 flex items-center gap-2 rounded-xl bg-warn-soft px-4 py-2.5 text-warn">
      <span className="flex-1">The draft has changes that are not published.</span>
      <Link to="/workflows/$id" params={{ id: workflow.id }} className="font-medium underline">
        Open the draft
      </Link>
    </p>
  );
}

interface VersionCardProps {
  version: WorkflowVersion;
  current: boolean;
  onView: () => void;
  onRestore: () => void;
}

function VersionCard({ version, current, onView, onRestore }: VersionCardProps) {
  return (
    <li>
      <Card>
        <div className="flex items-start gap-3">
          <div className="min-w-0 flex-1">
            <div className="flex flex-wrap items-center gap-2">
              <h2 className="text-[14px] font-semibold">Version {version.version}</h2>
              {current ? (
                <Chip tone="ok" dot>
                  Published
                </Chip>
              ) : null}
              <span className="text-muted">
                <Moment at={version.published_at} />
                {version.published_by ? ` by ${version.published_by}` : ""}
              </span>
            </div>
            {version.note ? <p className="mt-1">“{version.note}”</p> : null}
            {version.changes.length > 0 ? (
              <ul className="mt-2 list-disc space-y-0.5 pl-4 text-muted">
                {version.changes.map((change) => (
                  <li key={change}>{change}</li>
                ))}
              </ul>
            ) : (
              <p className="mt-2 text-muted">Nothing changed in what it does.</p>
            )}
          </div>
          <Button size="small" icon="eye" onClick={onView}>
            View
          </Button>
          <Button size="small" icon="undo" onClick={onRestore}>
            Bring back
          </Button>
        </div>
      </Card>
    </li>
  );
}

function VersionsSkeleton() {
  return (
    <Loading label="Loading the versions" className="space-y-3">
      <Skeleton className="h-24 w-full rounded-xl" />
      <Skeleton className="h-24 w-full rounded-xl" />
    </Loading>
  );
}
