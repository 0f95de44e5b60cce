import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { type AppConnection, connectionKeys, connectionsApi } from "@/api";
import { sayError } from "@/app/say-error";
import { Button, Dialog } from "@/ui";
import { EndField } from "./end-field";
import { dayOf, endOfDay } from "./ends";

/** When the key or secret of a connection ends, as a person knows it. */
export function EndDialog({ connection, onClose }: { connection: AppConnection; onClose: () => void }) {
  const client = useQueryClient();
  const [day, setDay] = useState(dayOf(connection.ends_at));
  const save = useMutation({
    mutationFn: () => connectionsApi.change(connection.id, { ends_at: endOfDay(day) }),
    onSuccess: async () => {
      onClose();
      await client.invalidateQueries({ queryKey: connectionKeys.connections });
    },
    onError: sayError("The end was not noted"),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`When “${connection.name}” ends`}
      description="You and your error workflows are warned two weeks before, three days before, and when it has ended."
      width="small"
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form="connection-end" variant="primary" busy={save.isPending}>
            Save
          </Button>
        </>
      }
    >
      <form id="connection-end" onSubmit={submit}>
        <EndField help="Leave it empty if it has no end." value={day} onChange={setDay} />
      </form>
    </Dialog>
  );
}
