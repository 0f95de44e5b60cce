import { getRouteApi } from "@tanstack/react-router";
import EditorPage from "@/editor";

const route = getRouteApi("/shell/workflows/$id");

/** The editor under its address. A new workflow means a new editor: nothing of the last one may linger. */
export function BuildPage() {
  const { id } = route.useParams();
  return <EditorPage key={id} id={id} />;
}
