import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { api, keys, type WorkflowDocument, type WorkflowSummary } from "@/api";
import { sayError } from "@/app/say-error";
import { toast } from "@/ui";
import { saveFile } from "./save-file";

/** What can be done to a workflow from the list. Each says when it failed; the list is read anew after it. */
export function useWorkflowActions() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const renew = () => client.invalidateQueries({ queryKey: keys.workflows });
  const open = (id: string) => navigate({ to: "/workflows/$id", params: { id } });

  const create = useMutation({
    mutationFn: (document?: WorkflowDocument) =>
      api.createWorkflow(document ? { document } : { name: "Untitled workflow" }),
    onSuccess: async (workflow) => {
      client.setQueryData(keys.workflow(workflow.id), workflow);
      void renew();
      await open(workflow.id);
    },
    onError: sayError("The workflow was not created"),
  });

  const duplicate = useMutation({
    mutationFn: (workflow: WorkflowSummary) => api.duplicateWorkflow(workflow.id),
    onSuccess: (copy) => {
      void renew();
      toast({
        tone: "ok",
        title: `Made “${copy.name}”`,
        action: { label: "Open", onSelect: () => void open(copy.id) },
      });
    },
    onError: sayError("The workflow was not duplicated"),
  });

  const activate = useMutation({
    mutationFn: ({ workflow, active }: { workflow: WorkflowSummary; active: boolean }) =>
      api.setActive(workflow.id, active),
    // The switch answers at once; a refusal puts it back.
    onMutate: ({ workflow, active }) => {
      client.setQueriesData<{ items: WorkflowSummary[] }>({ queryKey: ["workflow", "list"] }, (list) =>
        list
          ? { items: list.items.map((item) => (item.id === workflow.id ? { ...item, active } : item)) }
          : list,
      );
    },
    onError: sayError("The workflow was not switched"),
    onSettled: renew,
  });

  const exportJson = async (workflow: WorkflowSummary) => {
    try {
      const { draft } = await api.workflow(workflow.id);
      saveFile(`${slug(workflow.name)}.json`, `${JSON.stringify(draft, null, 2)}\n`, "application/json");
    } catch (error) {
      sayError("The workflow was not exported")(error);
    }
  };

  return {
    create: (document?: WorkflowDocument) => create.mutate(document),
    creating: create.isPending,
    duplicate: (workflow: WorkflowSummary) => duplicate.mutate(workflow),
    setActive: (workflow: WorkflowSummary, active: boolean) => activate.mutate({ workflow, active }),
    exportJson: (workflow: WorkflowSummary) => void exportJson(workflow),
    /** Rejects when it failed, after having said so. */
    remove: async (workflow: WorkflowSummary) => {
      try {
        await api.deleteWorkflow(workflow.id);
      } catch (error) {
        sayError("The workflow was not deleted")(error);
        throw error;
      }
      toast({ tone: "ok", title: `Deleted “${workflow.name}”` });
      await renew();
    },
  };
}

/** A name as part of a file name: "Inbound lead to owner" becomes "inbound-lead-to-owner". */
export function slug(name: string): string {
  const words = name
    .normalize("NFKD")
    .replace(/[\u0300-\u036f]/g, "")
    .toLowerCase()
    .match(/[a-z0-9]+/g);
  return words?.join("-").slice(0, 80) || "workflow";
}
