import { useMutation, useQueryClient } from "@tanstack/react-query";
import { fieldsApi, type LeadField, useFieldUses } from "@/api";
import { QueryError } from "@/app/query-error";
import { sayError } from "@/app/say-error";
import { Button, Dialog, Loading, Skeleton } from "@/ui";

/** Removes a field that nothing goes by; of any other it says what does. */
export function RemoveField({ field, onClose }: { field: LeadField; onClose: () => void }) {
  const client = useQueryClient();
  const uses = useFieldUses(field.id, true);
  const remove = useMutation({
    mutationFn: () => fieldsApi.remove(field.id),
    onSuccess: async () => {
      await client.invalidateQueries();
      onClose();
    },
    onError: sayError("The field was not removed"),
  });
  const free = uses.data?.length === 0;
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      width="small"
      title={`Remove “${field.label}”?`}
      footer={
        <>
          <Button onClick={onClose}>{free ? "Cancel" : "Close"}</Button>
          {free ? (
            <Button variant="danger" busy={remove.isPending} onClick={() => remove.mutate()}>
              Remove the field
            </Button>
          ) : null}
        </>
      }
    >
      {uses.isPending ? (
        <Loading label="Looking for what uses the field">
          <Skeleton className="h-5 w-64" />
        </Loading>
      ) : uses.isError ? (
        <QueryError error={uses.error} onRetry={() => void uses.refetch()} />
      ) : free ? (
        <p>Nothing goes by it. Values that leads have stay on them, without a type.</p>
      ) : (
        <>
          <p>It is in use. Take it out of these first:</p>
          <ul className="mt-2 list-disc pl-5">
            {uses.data.map((use) => (
              <li key={use.id}>
                <span className="text-muted">{use.kind}</span> {use.name}
              </li>
            ))}
          </ul>
        </>
      )}
    </Dialog>
  );
}
