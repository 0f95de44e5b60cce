import { getRouteApi, Link } from "@tanstack/react-router";
import { Page } from "@/app/page";
import { RunList } from "./run-list";

const route = getRouteApi("/shell/runs");

export function RunsPage() {
  const { status, search } = route.useSearch();
  const navigate = route.useNavigate();
  return (
    <Page
      title="Runs"
      actions={
        <Link
          to="/jobs"
          className="rounded-md px-2 py-1 font-medium text-muted hover:bg-hover hover:text-text"
        >
          Jobs
        </Link>
      }
    >
      <RunList
        status={status}
        search={search}
        onFilter={(filter) => void navigate({ search: filter, replace: true })}
      />
    </Page>
  );
}
