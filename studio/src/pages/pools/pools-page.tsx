import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, keys, type Owner, useOwners, usePools } from "@/api";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { sayError } from "@/app/say-error";
import { Button, Card, Dialog, EmptyState, Field, Input, Loading, Skeleton, toast } from "@/ui";
import { PoolCard } from "./pool-card";

/** Who gets leads, and in what proportion. */
export function PoolsPage() {
  const pools = usePools();
  const owners = useOwners();
  const [naming, setNaming] = useState(false);
  const pending = pools.isPending || owners.isPending;
  const error = pools.error ?? owners.error;

  return (
    <Page
      title="Pools"
      section="rules"
      actions={
        <Button variant="primary" icon="plus" onClick={() => setNaming(true)}>
          New pool
        </Button>
      }
    >
      <div className="mx-auto flex max-w-[980px] flex-col gap-4">
        {pending ? (
          <Loading label="Loading the pools" className="space-y-4">
            <Skeleton className="h-48 rounded-xl" />
            <Skeleton className="h-48 rounded-xl" />
          </Loading>
        ) : error ? (
          <QueryError
            error={error}
            onRetry={() => {
              void pools.refetch();
              void owners.refetch();
            }}
          />
        ) : (
          <>
            {pools.data?.items.length === 0 ? (
              <Card>
                <EmptyState
                  icon="route"
                  title="No pools yet"
                  action={
                    <Button variant="primary" icon="plus" onClick={() => setNaming(true)}>
                      New pool
                    </Button>
                  }
                >
                  A pool is a group of people who take leads in turn. Weights say how many each gets: with
                  weights 2 and 1, the first gets two of every three. The step “Route lead” gives a lead to a
                  pool.
                </EmptyState>
              </Card>
            ) : (
              pools.data?.items.map((pool) => (
                <PoolCard key={pool.id} pool={pool} owners={owners.data?.items ?? []} />
              ))
            )}
            <OwnersCard owners={owners.data?.items ?? []} />
          </>
        )}
      </div>
      <NewPoolDialog open={naming} onOpenChange={setNaming} />
    </Page>
  );
}

function NewPoolDialog({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  const client = useQueryClient();
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

function OwnersCard({ owners }: { owners: Owner[] }) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const add = useMutation({
    mutationFn: () => api.createOwner({ name: name.trim(), email: email.trim() }),
    onSuccess: async () => {
      setName("");
      setEmail("");
      await client.invalidateQueries({ queryKey: keys.owners });
    },
    onError: sayError("The owner was not added"),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim() && email.trim()) add.mutate();
  };
  return (
    <Card title="Owners" subtitle="the people leads can be given to">
      {owners.length > 0 ? (
        <ul className="mb-3 grid gap-x-6 gap-y-1 sm:grid-cols-2">
          {owners.map((owner) => (
            <li key={owner.id} className="flex justify-between gap-3 border-b border-border py-1.5">
              <span className="font-medium">{owner.name}</span>
              <span className="truncate text-muted">{owner.email}</span>
            </li>
          ))}
        </ul>
      ) : (
        <p className="mb-3 text-muted">Nobody yet. Add the first person here, then put them into a pool.</p>
      )}
      <form onSubmit={submit} className="flex flex-wrap items-end gap-2">
        <Field label="Name" className="min-w-44 flex-1">
          {(control) => <Input {...control} value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        <Field label="E-mail" className="min-w-52 flex-1">
          {(control) => (
            <Input
              {...control}
              type="email"
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          )}
        </Field>
        <Button
          type="submit"
          icon="plus"
          busy={add.isPending}
          disabled={!name.trim() || !email.trim()}
          className="h-8"
        >
          Add owner
        </Button>
      </form>
    </Card>
  );
}
