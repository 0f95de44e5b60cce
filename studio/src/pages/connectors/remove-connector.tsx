import { useMutation, useQueryClient } from "@tanstack/react-query";
import { connectorsApi, useConnector } from "@/api";
import { QueryError } from "@/app/query-error";
import { sayError } from "@/app/say-error";
import { Button, Dialog, Loading, Skeleton, toast } from "@/ui";
import { Users } from "./users";

/** Removes a connector that nothing uses; of any other it says what does. */
export function RemoveConnector({
  name,
  title,
  onClose,
}: {
  name: string;
  title: string;
  onClose: () => void;
}) {
  const client = useQueryClient();
  const detail = useConnector(name);
  const remove = useMutation({
    mutationFn: () => connectorsApi.remove(name),
    onSuccess: async () => {
      await client.invalidateQueries();
      toast({ tone: "ok", title: `${title} is removed` });
      onClose();
    },
    onError: sayError("The connector was not removed"),
  });
  const users = detail.data?.used_by;
  const free = users?.length === 0;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      width="small"
      title={`Remove “${title}”?`}
      footer={
        <>
          <Button onClick={onClose}>{free ? "Cancel" : "Close"}</Button>
          {free ? (
            <Button variant="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
              Remove connector
            </Button>
          ) : null}
        </>
      }
    >
      {detail.isPending ? (
        <Loading label="Looking for what uses it">
          <Skeleton className="h-5 w-64" />
        </Loading>
      ) : detail.isError ? (
        <QueryError error={detail.error} onRetry={() => void detail.refetch()} />
      ) : free ? (
        <p className="text-muted">
          Nothing uses it. Its steps go from the palette; the app itself is not changed.
        </p>
      ) : (
        <div className="space-y-2">
          <p className="text-muted">It stays while something uses it:</p>
          <Users users={users ?? []} />
        </div>
      )}
    </Dialog>
  );
}
