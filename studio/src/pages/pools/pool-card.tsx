import { useMutation, useQueryClient } from "@tanstack/react-query";
import { clsx } from "clsx";
import { useState } from "react";
import { api, keys, type Owner, type Pool, type PoolMember } from "@/api";
import { sayError } from "@/app/say-error";
import {
  Button,
  Card,
  Cell,
  Combobox,
  ConfirmDialog,
  HeadCell,
  IconButton,
  Input,
  Menu,
  Row,
  Switch,
  Table,
  toast,
} from "@/ui";
import { sharesOf, shareWords } from "./pool-shares";

/** The largest weight a member may have. */
const HEAVIEST = 1000;

/** One pool: its members, what share each gets, and how many they got so far. Changes wait for “Save”. */
export function PoolCard({ pool, owners }: { pool: Pool; owners: Owner[] }) {
  const client = useQueryClient();
  const [edited, setEdited] = useState<Pool | null>(null);
  const [deleting, setDeleting] = useState(false);
  const shown = edited ?? pool;
  const shares = sharesOf(shown.members);
  const renew = () => client.invalidateQueries({ queryKey: keys.pools });

  const save = useMutation({
    mutationFn: (next: Pool) =>
      api.savePool(next.id, {
        name: next.name.trim(),
        members: next.members.map(({ owner_id, weight, active }) => ({ owner_id, weight, active })),
      }),
    onSuccess: async () => {
      await renew();
      setEdited(null);
      toast({ tone: "ok", title: `Saved “${shown.name.trim()}”` });
    },
    onError: sayError("The pool was not saved"),
  });

  const setMembers = (members: PoolMember[]) => setEdited({ ...shown, members });
  const change = (at: number, part: Partial<PoolMember>) =>
    setMembers(shown.members.map((member, index) => (index === at ? { ...member, ...part } : member)));
  const free = owners.filter((owner) => !shown.members.some((member) => member.owner_id === owner.id));
  const nobody = shown.members.length > 0 && shares.every((share) => share === 0);

  return (
    <Card
      title={
        edited ? (
          <Input
            aria-label="Name of the pool"
            size="small"
            className="!w-64 font-semibold"
            value={shown.name}
            onChange={(event) => setEdited({ ...shown, name: event.target.value })}
          />
        ) : (
          shown.name
        )
      }
      flush
      aside={
        edited ? (
          <>
            <Button size="small" disabled={save.isPending} onClick={() => setEdited(null)}>
              Discard
            </Button>
            <Button
              size="small"
              variant="primary"
              busy={save.isPending}
              disabled={!shown.name.trim()}
              onClick={() => save.mutate(shown)}
            >
              Save
            </Button>
          </>
        ) : (
          <Menu
            trigger={<IconButton icon="more" label={`More for ${pool.name}`} noTooltip />}
            entries={[
              { label: "Rename", icon: "pencil", onSelect: () => setEdited({ ...pool }) },
              "separator",
              { label: "Delete…", icon: "trash", danger: true, onSelect: () => setDeleting(true) },
            ]}
          />
        )
      }
    >
      {shown.members.length > 0 ? (
        <Table aria-label={`Members of ${shown.name}`}>
          <thead>
            <tr>
              <HeadCell className="w-[20%] !px-4">Owner</HeadCell>
              <HeadCell className="w-[12%]">Weight</HeadCell>
              <HeadCell className="w-[38%]">Share of new leads</HeadCell>
              <HeadCell numeric>Got so far</HeadCell>
              <HeadCell>Takes leads</HeadCell>
              <HeadCell>
                <span className="visually-hidden">Remove</span>
              </HeadCell>
            </tr>
          </thead>
          <tbody>
            {shown.members.map((member, index) => (
              <Row key={member.owner_id}>
                <Cell className={clsx("!px-4 font-medium", !member.active && "text-muted")}>
                  {member.owner_name}
                </Cell>
                <Cell>
                  <Input
                    type="number"
                    size="small"
                    min={1}
                    max={HEAVIEST}
                    className="!w-16 tabular"
                    aria-label={`Weight of ${member.owner_name}`}
                    value={member.weight}
                    onChange={(event) =>
                      change(index, {
                        weight: Math.max(1, Math.min(HEAVIEST, Math.round(event.target.valueAsNumber) || 1)),
                      })
                    }
                  />
                </Cell>
                <Cell>
                  <ShareBar share={shares[index] ?? 0} />
                </Cell>
                <Cell numeric>{member.assigned.toLocaleString("en")}</Cell>
                <Cell>
                  <Switch
                    aria-label={`${member.owner_name} takes leads`}
                    checked={member.active}
                    onCheckedChange={(active) => change(index, { active })}
                  />
                </Cell>
                <Cell className="w-10">
                  <IconButton
                    icon="close"
                    size="small"
                    label={`Take ${member.owner_name} out of the pool`}
                    onClick={() => setMembers(shown.members.filter((_, other) => other !== index))}
                  />
                </Cell>
              </Row>
            ))}
          </tbody>
        </Table>
      ) : (
        <p className="px-4 pb-1 text-muted">
          Nobody is in this pool yet, so a lead routed to it finds no owner. Add the first member.
        </p>
      )}
      {nobody ? (
        <p className="px-4 pt-2 text-warn">
          Nobody takes leads at the moment: a lead routed here finds no owner.
        </p>
      ) : null}
      <div className="px-4 py-3">
        {free.length > 0 ? (
          <Combobox
            aria-label={`Add a member to ${shown.name}`}
            className="max-w-64"
            value={undefined}
            placeholder="Add a member…"
            options={free.map((owner) => ({ value: owner.id, label: owner.name, hint: owner.email }))}
            onValueChange={(id) => {
              const owner = free.find((candidate) => candidate.id === id);
              if (!owner) return;
              setMembers([
                ...shown.members,
                {
                  owner_id: owner.id,
                  owner_name: owner.name,
                  weight: 1,
                  assigned: 0,
                  active: true,
                  credit: 0,
                  at_work: true,
                  caps: [],
                },
              ]);
            }}
          />
        ) : (
          <p className="text-xs text-muted">
            Every owner is in this pool. Add further people under “Owners”.
          </p>
        )}
      </div>
      <ConfirmDialog
        open={deleting}
        onOpenChange={setDeleting}
        title={`Delete “${pool.name}”?`}
        description="Steps that route to it will report a problem until another pool is chosen. Leads keep their owners."
        confirmLabel="Delete pool"
        danger
        onConfirm={async () => {
          try {
            await api.deletePool(pool.id);
          } catch (error) {
            sayError("The pool was not deleted")(error);
            throw error;
          }
          await renew();
        }}
      />
    </Card>
  );
}

function ShareBar({ share }: { share: number }) {
  return (
    <span className="flex items-center gap-2.5">
      <span aria-hidden className="h-2 flex-1 overflow-hidden rounded-full bg-sunken">
        <span
          className="block h-full rounded-full bg-lead transition-[width]"
          style={{ width: `${share * 100}%` }}
        />
      </span>
      <span className="w-14 text-muted tabular">{shareWords(share)}</span>
    </span>
  );
}
