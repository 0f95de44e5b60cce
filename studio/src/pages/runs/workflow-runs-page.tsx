import { getRouteApi } from "@tanstack/react-router";
import { useWorkflow } from "@/api";
import { Page, WorkflowTabs } from "@/app/page";
import { RunList } from "./run-list";

const route = getRouteApi("/shell/workflows/$id/runs");

/** The runs of one workflow. */
export function WorkflowRunsPage() {
  const { id } = route.useParams();
  const { status, search } = route.useSearch();
  const navigate = route.useNavigate();
  const name = useWorkflow(id).data?.name ?? "Workflow";
  return (
    <Page
      title={`Runs of ${name}`}
      heading={name}
      crumbs={[{ label: "Workflows", to: "/workflows" }]}
      centre={<WorkflowTabs id={id} current="runs" />}
    >
      <RunList
        workflow={id}
        status={status}
        search={search}
        onFilter={(filter) => void navigate({ search: filter, replace: true })}
      />
    </Page>
  );
}
