import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { keys, leadChanges, routing, type SlaClock, useOwners, usePools } from "@/api";
import { sayError } from "@/app/say-error";
import { Button, Combobox, Dialog, Field, Input, Segmented, Select, toast } from "@/ui";

interface ReassignDialogProps {
  clock: SlaClock;
  onClose: () => void;
}

/** Hands a lead on by hand: to the next in a pool, or to somebody. Its clocks stop; the new owner has their own. */
export function ReassignDialog({ clock, onClose }: ReassignDialogProps) {
  const client = useQueryClient();
  const form = useId();
  const pools = usePools();
  const owners = useOwners();
  const poolNames = pools.data?.items.map((pool) => pool.name) ?? [];
  const [way, setWay] = useState<"pool" | "owner">("pool");
  const [chosenPool, setPool] = useState<string | null>(null);
  const [owner, setOwner] = useState("");
  const [why, setWhy] = useState("");
  const pool = chosenPool ?? clock.pool ?? poolNames[0] ?? "";
  const ready = way === "pool" ? pool !== "" : owner !== "" && why.trim() !== "";
  const move = useMutation({
    mutationFn: async () => {
      if (way === "owner") {
        await leadChanges.edit(clock.lead_id, { owner, why: why.trim() });
        return owners.data?.items.find((one) => one.id === owner)?.name ?? "the new owner";
      }
      const decisions = await routing.routeByHand(clock.lead_id, pool);
      return decisions.items[0]?.owner ?? "the next";
    },
    onSuccess: async (name) => {
      toast({ tone: "ok", title: `${clock.lead || "The lead"} went to ${name}` });
      onClose();
      await Promise.all(
        [["sla"], keys.leads, keys.pools].map((queryKey) => client.invalidateQueries({ queryKey })),
      );
    },
    onError: sayError("The lead was not reassigned"),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) move.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Reassign ${clock.lead || "the lead"}`}
      description={`${clock.owner_name} has it. The clocks of ${clock.owner_name} stop; the new owner has their own.`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={form} variant="primary" busy={move.isPending} disabled={!ready}>
            Reassign
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="space-y-3">
        <Segmented
          label="To whom"
          value={way}
          options={[
            { value: "pool", label: "The next in a pool" },
            { value: "owner", label: "Somebody" },
          ]}
          onValueChange={setWay}
        />
        {way === "pool" ? (
          <Field
            label="Pool"
            help={`${clock.owner_name} does not get it again; the counters of the pool move on.`}
          >
            {(control) => (
              <Select
                {...control}
                value={pool}
                options={poolNames.map((name) => ({ value: name, label: name }))}
                onValueChange={setPool}
              />
            )}
          </Field>
        ) : (
          <>
            <Field label="Owner" required>
              {(control) => (
                <Combobox
                  {...control}
                  value={owner}
                  options={(owners.data?.items ?? [])
                    .filter((one) => one.id !== clock.owner_id)
                    .map((one) => ({ value: one.id, label: one.name, hint: one.email }))}
                  onValueChange={setOwner}
                />
              )}
            </Field>
            <Field label="Why" help="For the timeline of the lead." required>
              {(control) => (
                <Input {...control} value={why} onChange={(event) => setWhy(event.target.value)} />
              )}
            </Field>
          </>
        )}
      </form>
    </Dialog>
  );
}
