import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { accountsApi, jobKeys } from "@/api";
import { sayError } from "@/app/say-error";
import { Button, Card } from "@/ui";

/** Applies the settings to the leads that are there: first a look, then the change. */
export function MatchAgainCard() {
  const client = useQueryClient();
  const navigate = useNavigate();
  const start = useMutation({
    mutationFn: (preview: boolean) => accountsApi.matchAgain({ preview }),
    onSuccess: async (job) => {
      await client.invalidateQueries({ queryKey: jobKeys.all });
      void navigate({ to: "/jobs/$id", params: { id: job.id } });
    },
    onError: sayError("It was not started"),
  });
  return (
    <Card title="Leads that are there already">
      <p className="text-muted">
        New accounts and new settings count for leads that are matched from now on. To apply them to all
        leads, look first at what would change. What a person decided stays as it is.
      </p>
      <div className="mt-3 flex flex-wrap gap-2">
        <Button
          icon="eye"
          busy={start.isPending && start.variables === true}
          disabled={start.isPending}
          onClick={() => start.mutate(true)}
        >
          Show what would change
        </Button>
        <Button
          icon="refresh"
          busy={start.isPending && start.variables === false}
          disabled={start.isPending}
          onClick={() => start.mutate(false)}
        >
          Match all leads again
        </Button>
      </div>
    </Card>
  );
}
