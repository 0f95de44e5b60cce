import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { keys, type Workflow } from "@/api";

/** Opens a workflow the server has just answered with, without reading it a second time. */
export function useOpenWorkflow() {
  const client = useQueryClient();
  const navigate = useNavigate();
  return (workflow: Workflow) => {
    client.setQueryData(keys.workflow(workflow.id), workflow);
    void client.invalidateQueries({ queryKey: ["workflow", "list"] });
    void navigate({ to: "/workflows/$id", params: { id: workflow.id } });
  };
}
