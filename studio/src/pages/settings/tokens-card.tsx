import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { type ApiToken, api, type CreatedToken, keys, useTokens } from "@/api";
import { Moment } from "@/app/moment";
import { QueryError } from "@/app/query-error";
import { sayError } from "@/app/say-error";
import { date } from "@/app/time";
import {
  Button,
  Card,
  Cell,
  ConfirmDialog,
  CopyButton,
  Field,
  HeadCell,
  Input,
  Loading,
  Row,
  Select,
  Skeleton,
  Table,
} from "@/ui";

const LIFETIMES = [
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "1 year" },
  { value: "", label: "Until revoked" },
];

/** Tokens by which scripts reach the API. A new one is shown once and never again. */
export function TokensCard() {
  const tokens = useTokens();
  const client = useQueryClient();
  const [created, setCreated] = useState<CreatedToken | null>(null);
  const [revoking, setRevoking] = useState<ApiToken | null>(null);

  return (
    <Card title="API tokens" subtitle="for scripts and other systems">
      {created ? <NewToken token={created} onDone={() => setCreated(null)} /> : null}
      {tokens.isPending ? (
        <Loading label="Loading the tokens">
          <Skeleton className="h-10" />
        </Loading>
      ) : tokens.isError ? (
        <QueryError error={tokens.error} onRetry={() => void tokens.refetch()} />
      ) : tokens.data.items.length === 0 ? (
        <p className="text-muted">
          No tokens. Make one to send events or read leads from a script; it goes into the header{" "}
          <code className="font-mono text-xs">Authorization: Bearer …</code>
        </p>
      ) : (
        <Table aria-label="API tokens">
          <thead>
            <tr>
              <HeadCell>Name</HeadCell>
              <HeadCell>Made</HeadCell>
              <HeadCell>Last used</HeadCell>
              <HeadCell>Ends</HeadCell>
              <HeadCell>
                <span className="visually-hidden">Revoke</span>
              </HeadCell>
            </tr>
          </thead>
          <tbody>
            {tokens.data.items.map((token) => (
              <Row key={token.id}>
                <Cell className="font-medium">{token.name}</Cell>
                <Cell className="text-muted">
                  <Moment at={token.created_at} />
                </Cell>
                <Cell className="text-muted">
                  {token.last_used_at ? <Moment at={token.last_used_at} /> : "Never"}
                </Cell>
                <Cell className="text-muted">
                  {token.expires_at ? date(token.expires_at) : "When revoked"}
                </Cell>
                <Cell className="text-right">
                  <Button size="small" variant="danger" onClick={() => setRevoking(token)}>
                    Revoke<span className="visually-hidden"> {token.name}</span>
                  </Button>
                </Cell>
              </Row>
            ))}
          </tbody>
        </Table>
      )}
      <CreateToken onCreated={setCreated} />
      <ConfirmDialog
        open={revoking !== null}
        onOpenChange={(open) => !open && setRevoking(null)}
        title={`Revoke “${revoking?.name}”?`}
        description="Whatever uses it is refused from that moment on. This cannot be undone; a new token can be made."
        confirmLabel="Revoke token"
        danger
        onConfirm={async () => {
          if (!revoking) return;
          try {
            await api.revokeToken(revoking.id);
          } catch (error) {
            sayError("The token was not revoked")(error);
            throw error;
          }
          if (created?.id === revoking.id) setCreated(null);
          await client.invalidateQueries({ queryKey: keys.tokens });
        }}
      />
    </Card>
  );
}

function NewToken({ token, onDone }: { token: CreatedToken; onDone: () => void }) {
  return (
    <div role="status" className="mb-3 rounded-lg bg-ok-soft p-3">
      <p className="font-medium text-ok">“{token.name}” is ready. Copy it now: it is not shown again.</p>
      <div className="mt-2 flex items-center gap-2">
        <code className="min-w-0 flex-1 rounded-sm bg-surface px-2 py-1 font-mono text-xs break-all">
          {token.token}
        </code>
        <CopyButton text={token.token} label="Copy" />
        <Button size="small" variant="ghost" onClick={onDone}>
          Done
        </Button>
      </div>
    </div>
  );
}

function CreateToken({ onCreated }: { onCreated: (token: CreatedToken) => void }) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [days, setDays] = useState("90");
  const create = useMutation({
    mutationFn: () => api.createToken({ name: name.trim(), ...(days ? { days: Number(days) } : {}) }),
    onSuccess: async (token) => {
      onCreated(token);
      setName("");
      await client.invalidateQueries({ queryKey: keys.tokens });
    },
    onError: sayError("The token was not made"),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) create.mutate();
  };
  return (
    <form onSubmit={submit} className="mt-4 flex flex-wrap items-end gap-2 border-t border-border pt-3">
      <Field label="Name of a new token" className="min-w-52 flex-1">
        {(control) => (
          <Input
            {...control}
            placeholder="What will use it, for example “Import script”"
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
      </Field>
      <Field label="Lasts" className="w-36">
        {(control) => <Select {...control} value={days} options={LIFETIMES} onValueChange={setDays} />}
      </Field>
      <Button type="submit" className="h-8" busy={create.isPending} disabled={!name.trim()}>
        Make a token
      </Button>
    </form>
  );
}
