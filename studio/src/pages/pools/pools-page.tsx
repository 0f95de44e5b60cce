import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, keys, type TeamPool, useTeamOwners, useTeamPools } from "@/api";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { sayError } from "@/app/say-error";
import { Button, Card, Chip, Dialog, EmptyState, Field, Input, Loading, Skeleton, toast } from "@/ui";
import { CalendarsCard } from "./calendars-card";
import { OwnersCard } from "./owners-card";
import { sharesOf, shareWords } from "./pool-shares";
import { rulesInWords } from "./pool-words";

/** Who gets leads, in what proportion, and when they are at work. */
export function PoolsPage() {
  const pools = useTeamPools();
  const owners = useTeamOwners();
  const [naming, setNaming] = useState(false);
  const error = pools.error ?? owners.error;
  const button = (
    <Button variant="primary" icon="plus" onClick={() => setNaming(true)}>
      New pool
    </Button>
  );
  return (
    <Page title="Pools" section="rules" actions={button}>
      <div className="mx-auto flex max-w-[1060px] flex-col gap-4">
        {pools.isPending || owners.isPending ? (
          <Loading label="Loading the pools" className="space-y-4">
            <Skeleton className="h-48 rounded-xl" />
            <Skeleton className="h-48 rounded-xl" />
          </Loading>
        ) : error || !pools.data || !owners.data ? (
          <QueryError
            error={error}
            onRetry={() => {
              void pools.refetch();
              void owners.refetch();
            }}
          />
        ) : (
          <>
            {pools.data.length === 0 ? (
              <Card>
                <EmptyState icon="route" title="No pools yet" action={button}>
                  A pool is a group of people who take leads in turn. Weights say how many each gets: with
                  weights 2 and 1, the first gets two of every three. The step “Route lead” and routing tables
                  give leads to a pool.
                </EmptyState>
              </Card>
            ) : (
              <div className="grid items-start gap-4 lg:grid-cols-2">
                {pools.data.map((pool) => (
                  <PoolSummary key={pool.id} pool={pool} />
                ))}
              </div>
            )}
            <OwnersCard owners={owners.data} />
            <CalendarsCard owners={owners.data} />
          </>
        )}
      </div>
      <NewPoolDialog open={naming} onOpenChange={setNaming} />
    </Page>
  );
}

/** A pool at a glance: who is in it, what share each gets, and how turns are dealt. */
function PoolSummary({ pool }: { pool: TeamPool }) {
  const shares = sharesOf(pool.members);
  const working = pool.members.filter((member) => member.active && member.at_work).length;
  return (
    <Card
      title={
        <Link
          to="/pools/$id"
          params={{ id: pool.id }}
          className="rounded-sm text-accent-text hover:underline"
        >
          {pool.name}
        </Link>
      }
      aside={
        pool.members.length === 0 ? (
          <Chip tone="warn">Nobody in it</Chip>
        ) : (
          <Chip tone={working > 0 ? "ok" : "neutral"}>
            {working} of {pool.members.length} at work
          </Chip>
        )
      }
    >
      {pool.members.length > 0 ? (
        <ul className="mb-2 space-y-1">
          {pool.members.slice(0, 6).map((member, place) => (
            <li key={member.owner_id} className="flex items-center gap-3">
              <span className="w-32 truncate">{member.owner_name}</span>
              <span aria-hidden className="h-1.5 flex-1 overflow-hidden rounded-full bg-sunken">
                <span
                  className="block h-full rounded-full bg-lead"
                  style={{ width: `${(shares[place] ?? 0) * 100}%` }}
                />
              </span>
              <span className="w-24 text-right text-muted tabular">
                {shareWords(shares[place] ?? 0)}, {member.assigned.toLocaleString("en")} so far
              </span>
            </li>
          ))}
          {pool.members.length > 6 ? (
            <li className="text-muted">and {pool.members.length - 6} more</li>
          ) : null}
        </ul>
      ) : null}
      <p className="text-muted">{rulesInWords(pool.rules).join(" ")}</p>
    </Card>
  );
}

function NewPoolDialog({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [name, setName] = useState("");
  const create = useMutation({
    mutationFn: () => api.createPool({ name: name.trim() }),
    onSuccess: async (pool) => {
      onOpenChange(false);
      setName("");
      await client.invalidateQueries({ queryKey: keys.pools });
      toast({
        tone: "ok",
        title: `Made the pool “${pool.name}”`,
        description: "Add the people who take its leads.",
      });
      await navigate({ to: "/pools/$id", params: { id: pool.id } });
    },
    onError: sayError("The pool was not made"),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) create.mutate();
  };
  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      width="small"
      title="New pool"
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button
            type="submit"
            form="new-pool"
            variant="primary"
            busy={create.isPending}
            disabled={!name.trim()}
          >
            Make the pool
          </Button>
        </>
      }
    >
      <form id="new-pool" onSubmit={submit}>
        <Field label="Name" help="As your team calls it, for example “Account executives EMEA”.">
          {(control) => <Input {...control} value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
      </form>
    </Dialog>
  );
}
