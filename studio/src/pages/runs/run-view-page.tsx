import { getRouteApi } from "@tanstack/react-router";
import RunPage from "@/run";

const route = getRouteApi("/shell/runs/$id");

/** The run view under its address. */
export function RunViewPage() {
  const { id } = route.useParams();
  return <RunPage key={id} id={id} />;
}
