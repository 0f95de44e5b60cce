import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useId, useState } from "react";
import { type Adjust, keys, type TeamMember, type TeamPool, team } from "@/api";
import { sayError } from "@/app/say-error";
import { Button, Checkbox, Dialog, Field, Input, toast } from "@/ui";

interface AdjustDialogProps {
  pool: TeamPool;
  member: TeamMember;
  onClose: () => void;
}

/** Sets counters of a member by hand, with a reason that stays. */
export function AdjustDialog({ pool, member, onClose }: AdjustDialogProps) {
  const client = useQueryClient();
  const form = useId();
  const [assigned, setAssigned] = useState(String(member.assigned));
  const [credit, setCredit] = useState(String(member.credit));
  const [clear, setClear] = useState(false);
  const [why, setWhy] = useState("");
  const wanted: Adjust = {
    owner_id: member.owner_id,
    ...changed("assigned", assigned, member.assigned),
    ...changed("credit", credit, member.credit),
    clear_caps: clear,
    why: why.trim(),
  };
  const says = wanted.assigned !== undefined || wanted.credit !== undefined || clear;
  const ready = says && wanted.why !== "";
  const save = useMutation({
    mutationFn: () => team.adjust(pool.id, wanted),
    onSuccess: async (done) => {
      toast({ tone: "ok", title: `${done.owner_name}: ${done.change}` });
      onClose();
      await client.invalidateQueries({ queryKey: keys.pools });
    },
    onError: sayError("The counters were not set"),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (ready) save.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Counters of ${member.owner_name}`}
      description={`In the pool ${pool.name}. Who did it, when, and what the counters were is kept.`}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button type="submit" form={form} variant="primary" busy={save.isPending} disabled={!ready}>
            Set the counters
          </Button>
        </>
      }
    >
      <form id={form} onSubmit={submit} className="space-y-3">
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label="Got so far">
            {(control) => (
              <Input
                {...control}
                type="number"
                min={0}
                value={assigned}
                onChange={(event) => setAssigned(event.target.value)}
              />
            )}
          </Field>
          {pool.rules.turns === "by_weight" ? (
            <Field label="Credit" help="More is sooner. The others lose what this member gains.">
              {(control) => (
                <Input
                  {...control}
                  type="number"
                  value={credit}
                  onChange={(event) => setCredit(event.target.value)}
                />
              )}
            </Field>
          ) : null}
        </div>
        {pool.rules.caps.length > 0 ? (
          <Checkbox
            label="Start what counts towards caps at nothing"
            checked={clear}
            onCheckedChange={setClear}
          />
        ) : null}
        <Field label="Why" required help="Stands beside the change, for whoever asks later.">
          {(control) => (
            <Input
              {...control}
              value={why}
              maxLength={500}
              placeholder="Back from parental leave"
              onChange={(event) => setWhy(event.target.value)}
            />
          )}
        </Field>
      </form>
    </Dialog>
  );
}

/** The counter, when it is a whole number and another one than before. */
function changed<Name extends string>(
  name: Name,
  text: string,
  before: number,
): Partial<Record<Name, number>> {
  const count = Number(text);
  if (text.trim() === "" || !Number.isInteger(count) || count === before) return {};
  return { [name]: count } as Record<Name, number>;
}
