import { Link, useNavigate } from "@tanstack/react-router";
import { useDeferredValue, useState } from "react";
import { useStepKinds, useWorkflows, type WorkflowSummary } from "@/api";
import { Moment } from "@/app/moment";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import {
  Button,
  Card,
  Cell,
  Chip,
  ConfirmDialog,
  EmptyState,
  HeadCell,
  Icon,
  IconButton,
  Loading,
  Menu,
  Row,
  SearchInput,
  Skeleton,
  Switch,
  Table,
  Tooltip,
} from "@/ui";
import { ImportDialog } from "./import-dialog";
import { useWorkflowActions } from "./workflow-actions";

export function WorkflowsPage() {
  const [search, setSearch] = useState("");
  const workflows = useWorkflows(useDeferredValue(search));
  const [importing, setImporting] = useState(false);
  const [deleting, setDeleting] = useState<WorkflowSummary | null>(null);
  const actions = useWorkflowActions();
  const items = workflows.data?.items;
  const empty = items?.length === 0;

  return (
    <Page
      title="Workflows"
      actions={
        <>
          <Button icon="upload" onClick={() => setImporting(true)}>
            Import
          </Button>
          <Button variant="primary" icon="plus" busy={actions.creating} onClick={() => actions.create()}>
            New workflow
          </Button>
        </>
      }
    >
      <div className="mx-auto max-w-[1120px]">
        {!empty || search ? (
          <SearchInput
            value={search}
            onValueChange={setSearch}
            label="Search workflows"
            className="mb-3 max-w-72"
          />
        ) : null}
        {workflows.isPending ? (
          <ListSkeleton />
        ) : workflows.isError ? (
          <QueryError error={workflows.error} onRetry={() => void workflows.refetch()} />
        ) : empty && search ? (
          <Card>
            <EmptyState
              icon="search"
              title={`No workflow matches “${search}”`}
              action={<Button onClick={() => setSearch("")}>Show all</Button>}
            >
              The search looks at names and descriptions.
            </EmptyState>
          </Card>
        ) : empty ? (
          <Card>
            <EmptyState
              icon="workflow"
              title="Draw your first workflow"
              action={
                <>
                  <Button
                    variant="primary"
                    icon="plus"
                    busy={actions.creating}
                    onClick={() => actions.create()}
                  >
                    New workflow
                  </Button>
                  <Button icon="upload" onClick={() => setImporting(true)}>
                    Import a file
                  </Button>
                </>
              }
            >
              A workflow says what happens to a lead: what starts it, what is decided, and who gets it. You
              draw it, try it with a sample, and publish it when it is right.
            </EmptyState>
          </Card>
        ) : (
          <Card flush>
            <Table aria-label="Workflows">
              <thead>
                <tr>
                  <HeadCell>Workflow</HeadCell>
                  <HeadCell>Starts by</HeadCell>
                  <HeadCell>Today</HeadCell>
                  <HeadCell>Last run</HeadCell>
                  <HeadCell>Active</HeadCell>
                  <HeadCell>
                    <span className="visually-hidden">More</span>
                  </HeadCell>
                </tr>
              </thead>
              <tbody>
                {(items ?? []).map((workflow) => (
                  <WorkflowRow
                    key={workflow.id}
                    workflow={workflow}
                    actions={actions}
                    onDelete={() => setDeleting(workflow)}
                  />
                ))}
              </tbody>
            </Table>
          </Card>
        )}
      </div>
      <ImportDialog open={importing} onOpenChange={setImporting} />
      <ConfirmDialog
        open={deleting !== null}
        onOpenChange={(open) => !open && setDeleting(null)}
        title={`Delete “${deleting?.name}”?`}
        description="Its draft, its versions and its addresses go away and cannot be brought back. Leads it made are kept. Export it first if you may need it again."
        confirmLabel="Delete workflow"
        danger
        onConfirm={() => deleting && actions.remove(deleting)}
      />
    </Page>
  );
}

interface WorkflowRowProps {
  workflow: WorkflowSummary;
  actions: ReturnType<typeof useWorkflowActions>;
  onDelete: () => void;
}

function WorkflowRow({ workflow, actions, onDelete }: WorkflowRowProps) {
  const navigate = useNavigate();
  const params = { id: workflow.id };
  const published = workflow.published_version !== null;
  return (
    <Row>
      <Cell className="max-w-[420px]">
        <div className="flex items-center gap-2">
          <Link
            to="/workflows/$id"
            params={params}
            data-row-link
            className="truncate rounded-sm text-base font-semibold hover:underline"
          >
            {workflow.name}
          </Link>
          {published ? (
            <Chip>v{workflow.published_version}</Chip>
          ) : (
            <Chip tone="warn">Draft, not published</Chip>
          )}
          {published && workflow.draft_changed ? <Chip tone="warn">Unpublished changes</Chip> : null}
        </div>
        <p className="truncate text-muted">{workflow.description || stepCount(workflow.steps)}</p>
      </Cell>
      <Cell>
        <Triggers kinds={workflow.trigger_kinds} />
      </Cell>
      <Cell>
        <Today runs={workflow.runs_today} />
      </Cell>
      <Cell className="whitespace-nowrap text-muted">
        {workflow.last_run_at ? (
          <Link
            to="/workflows/$id/runs"
            params={params}
            className="rounded-sm hover:text-text hover:underline"
          >
            <Moment at={workflow.last_run_at} />
          </Link>
        ) : (
          "Never"
        )}
      </Cell>
      <Cell>
        <ActiveSwitch workflow={workflow} onChange={(active) => actions.setActive(workflow, active)} />
      </Cell>
      <Cell className="w-10 text-right">
        <Menu
          trigger={<IconButton icon="more" label={`More for ${workflow.name}`} noTooltip />}
          entries={[
            {
              label: "Open",
              icon: "workflow",
              onSelect: () => void navigate({ to: "/workflows/$id", params }),
            },
            {
              label: "Runs",
              icon: "play",
              onSelect: () => void navigate({ to: "/workflows/$id/runs", params }),
            },
            {
              label: "Versions",
              icon: "history",
              onSelect: () => void navigate({ to: "/workflows/$id/versions", params }),
            },
            "separator",
            { label: "Duplicate", icon: "copy", onSelect: () => actions.duplicate(workflow) },
            { label: "Export as JSON", icon: "download", onSelect: () => actions.exportJson(workflow) },
            "separator",
            { label: "Delete…", icon: "trash", danger: true, onSelect: onDelete },
          ]}
        />
      </Cell>
    </Row>
  );
}

function ActiveSwitch({
  workflow,
  onChange,
}: {
  workflow: WorkflowSummary;
  onChange: (active: boolean) => void;
}) {
  const published = workflow.published_version !== null;
  const control = (
    <span className="inline-flex">
      <Switch
        aria-label={`${workflow.name} is active`}
        checked={workflow.active}
        disabled={!published}
        onCheckedChange={onChange}
      />
    </span>
  );
  if (published) return control;
  return <Tooltip label="Publish it first; only a published version can be started">{control}</Tooltip>;
}

function Triggers({ kinds }: { kinds: string[] }) {
  const stepKinds = useStepKinds().data;
  if (kinds.length === 0) return <span className="text-muted">Nothing yet</span>;
  return (
    <ul className="flex flex-wrap gap-x-3 gap-y-1">
      {[...new Set(kinds)].map((kind) => (
        <li key={kind} className="flex items-center gap-1.5 whitespace-nowrap">
          <Icon name={stepKinds?.[kind]?.icon ?? "dot"} size={15} className="text-trigger-text" />
          {stepKinds?.[kind]?.title ?? kind}
        </li>
      ))}
    </ul>
  );
}

function Today({ runs }: { runs: WorkflowSummary["runs_today"] }) {
  if (runs.completed + runs.failed + runs.running === 0) return <span className="text-muted">No runs</span>;
  return (
    <span className="flex flex-wrap gap-1">
      {runs.completed > 0 ? <Chip tone="ok">{runs.completed.toLocaleString("en")} completed</Chip> : null}
      {runs.failed > 0 ? <Chip tone="bad">{runs.failed.toLocaleString("en")} failed</Chip> : null}
      {runs.running > 0 ? <Chip tone="accent">{runs.running.toLocaleString("en")} under way</Chip> : null}
    </span>
  );
}

function stepCount(steps: number): string {
  if (steps === 0) return "Empty";
  return steps === 1 ? "1 step" : `${steps} steps`;
}

function ListSkeleton() {
  return (
    <Loading label="Loading the workflows">
      <Card flush>
        {["first", "second", "third"].map((row) => (
          <div key={row} className="flex items-center gap-6 border-b border-border px-3 py-3 last:border-0">
            <div className="flex-1 space-y-1.5">
              <Skeleton className="h-4 w-52" />
              <Skeleton className="h-3 w-80" />
            </div>
            <Skeleton className="h-4 w-20" />
            <Skeleton className="h-5 w-24" />
            <Skeleton className="h-[18px] w-8 rounded-full" />
          </div>
        ))}
      </Card>
    </Loading>
  );
}
