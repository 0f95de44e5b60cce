import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { jobKeys, rulesApi } from "@/api";
import { sayError } from "@/app/say-error";
import { Button } from "@/ui";

/** Scores every lead again by the model in force; the page of the job shows how far that is. */
export function ScoreAgain() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const again = useMutation({
    mutationFn: rulesApi.assess,
    onSuccess: async (job) => {
      await client.invalidateQueries({ queryKey: jobKeys.all });
      void navigate({ to: "/jobs/$id", params: { id: job.id }, search: {} });
    },
    onError: sayError("It was not started"),
  });
  return (
    <Button icon="refresh" busy={again.isPending} onClick={() => again.mutate()}>
      Score all leads again
    </Button>
  );
}
