import { useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { api, keys, type TeamOwner, type TeamPool, team, useTeamOwners, useTeamPools } from "@/api";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { sayError } from "@/app/say-error";
import {
  Button,
  Card,
  Chip,
  ConfirmDialog,
  EmptyState,
  Field,
  IconButton,
  Input,
  Loading,
  Menu,
  Skeleton,
  toast,
} from "@/ui";
import { AdjustmentsCard } from "./adjustments-card";
import { MembersCard } from "./members-card";
import { RulesCard } from "./rules-card";

const route = getRouteApi("/shell/pools/$id");
const CRUMBS = [{ label: "Pools", to: "/pools" as const }];

/** One pool: its members with their counters, the rules of its turns, and what people put right. */
export function PoolPage() {
  const { id } = route.useParams();
  const pools = useTeamPools();
  const owners = useTeamOwners();
  const pool = pools.data?.find((one) => one.id === id);
  if (pool && owners.data) return <Editor key={id} pool={pool} owners={owners.data} />;
  const error = pools.error ?? owners.error;
  return (
    <Page title="Pool" crumbs={CRUMBS}>
      {error ? (
        <QueryError
          error={error}
          onRetry={() => {
            void pools.refetch();
            void owners.refetch();
          }}
        />
      ) : pools.data ? (
        <EmptyState icon="route" title="There is no such pool">
          It may have been deleted. Look under Pools for those there are.
        </EmptyState>
      ) : (
        <Loading label="Loading the pool" className="mx-auto max-w-[1060px] space-y-4">
          <Skeleton className="h-64 rounded-xl" />
          <Skeleton className="h-48 rounded-xl" />
        </Loading>
      )}
    </Page>
  );
}

function Editor({ pool, owners }: { pool: TeamPool; owners: TeamOwner[] }) {
  const client = useQueryClient();
  const [edited, setEdited] = useState<TeamPool | null>(null);
  // Counters go on while somebody edits: they are the server's, all else is the draft's.
  const shown = edited ? withCounters(edited, pool) : pool;
  const save = useMutation({
    mutationFn: (next: TeamPool) => team.changePool({ ...next, name: next.name.trim() }),
    onSuccess: async (saved) => {
      await client.invalidateQueries({ queryKey: keys.pools });
      setEdited(null);
      toast({ tone: "ok", title: `Saved ${saved.name}`, description: "It counts from the next lead on." });
    },
    onError: sayError("The pool was not saved"),
  });
  return (
    <Page
      title={pool.name}
      crumbs={CRUMBS}
      status={edited ? <Chip tone="warn">Not saved</Chip> : null}
      actions={
        <>
          {edited ? (
            <Button disabled={save.isPending} onClick={() => setEdited(null)}>
              Discard
            </Button>
          ) : null}
          <Button
            variant="primary"
            busy={save.isPending}
            disabled={!edited || !shown.name.trim()}
            onClick={() => save.mutate(shown)}
          >
            Save
          </Button>
          <MoreMenu pool={pool} />
        </>
      }
    >
      <div className="mx-auto flex max-w-[1060px] flex-col gap-4">
        <Card>
          <Field label="Name" className="max-w-[360px]">
            {(control) => (
              <Input
                {...control}
                value={shown.name}
                onChange={(event) => setEdited({ ...shown, name: event.target.value })}
              />
            )}
          </Field>
        </Card>
        <MembersCard
          pool={shown}
          owners={owners}
          canAdjust={edited === null}
          onChange={(members) => setEdited({ ...shown, members })}
        />
        <RulesCard rules={shown.rules} owners={owners} onChange={(rules) => setEdited({ ...shown, rules })} />
        <AdjustmentsCard pool={pool.id} />
      </div>
    </Page>
  );
}

function withCounters(edited: TeamPool, pool: TeamPool): TeamPool {
  const members = edited.members.map((member) => {
    const now = pool.members.find((one) => one.owner_id === member.owner_id);
    if (!now) return member;
    return { ...now, weight: member.weight, active: member.active };
  });
  return { ...edited, members };
}

function MoreMenu({ pool }: { pool: TeamPool }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [deleting, setDeleting] = useState(false);
  return (
    <>
      <Menu
        align="end"
        trigger={<IconButton icon="more" label={`More for ${pool.name}`} noTooltip />}
        entries={[{ label: "Delete…", icon: "trash", danger: true, onSelect: () => setDeleting(true) }]}
      />
      <ConfirmDialog
        open={deleting}
        onOpenChange={setDeleting}
        title={`Delete “${pool.name}”?`}
        description="Steps and tables that route to it will report a problem until another pool is chosen. Leads keep their owners; its counters are gone."
        confirmLabel="Delete pool"
        danger
        onConfirm={async () => {
          try {
            await api.deletePool(pool.id);
          } catch (error) {
            sayError("The pool was not deleted")(error);
            throw error;
          }
          await navigate({ to: "/pools" });
          await client.invalidateQueries({ queryKey: keys.pools });
        }}
      />
    </>
  );
}
