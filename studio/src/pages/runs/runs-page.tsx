import { getRouteApi } from "@tanstack/react-router";
import { Page } from "@/app/page";
import { RunList } from "./run-list";

const route = getRouteApi("/shell/runs");

export function RunsPage() {
  const { status, search } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <Page title="Runs">
      <RunList
        status={status}
        search={search}
        onFilter={(filter) => void navigate({ search: filter, replace: true })}
      />
    </Page>
  );
}
