/** An address that an app sends to: to be pasted there, with the secrets that prove what comes, and what came. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { appTriggersApi, type DeliveryCounts, type WebhookAddress } from "@/api";
import { Button, Chip, CopyButton, Field, Input, toast } from "@/ui";
import { Moment } from "./moment";
import { Prose } from "./prose";
import { sayError } from "./say-error";

export function WebhookAddressCard({ address }: { address: WebhookAddress }) {
  const whole = address.secrets.every(({ entered }) => entered);
  const [changing, setChanging] = useState(false);
  return (
    <section aria-label={`Address for ${address.title}`} className="rounded-lg bg-sunken p-3">
      <div className="flex items-center gap-2">
        <h3 className="text-xs font-semibold text-muted">{address.title}: let the app send to</h3>
        <Chip tone={whole ? "ok" : "warn"} dot>
          {whole ? "Secret entered" : "Secret missing"}
        </Chip>
        <span className="ml-auto">
          <CopyButton text={address.url} label="Copy address" iconOnly />
        </span>
      </div>
      <p className="mt-1.5 font-mono text-xs break-all">{address.url}</p>
      <div className="mt-2 text-xs text-muted">
        <Prose text={address.help} />
      </div>
      {whole && !changing ? (
        <button
          type="button"
          onClick={() => setChanging(true)}
          className="mt-2 rounded-sm text-sm font-medium text-accent-text hover:underline"
        >
          Enter the secret again
        </button>
      ) : (
        <SecretForm address={address} onDone={() => setChanging(false)} />
      )}
      <Came counts={address.counts} />
    </section>
  );
}

function SecretForm({ address, onDone }: { address: WebhookAddress; onDone: () => void }) {
  const client = useQueryClient();
  const [secrets, setSecrets] = useState<Record<string, string>>({});
  const enter = useMutation({
    mutationFn: () => appTriggersApi.enterSecrets(address.connection_id, secrets),
    onSuccess: async () => {
      setSecrets({});
      onDone();
      toast({
        tone: "ok",
        title: "The secret is kept",
        description: "What the app sends can be proved now.",
      });
      await client.invalidateQueries({ queryKey: ["connection"] });
      await client.invalidateQueries({ queryKey: ["workflow"] });
    },
    onError: sayError("The secret was not kept"),
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    enter.mutate();
  };
  const isWhole = address.secrets.every(({ name, entered }) => entered || secrets[name]?.trim());
  const isAny = Object.values(secrets).some((secret) => secret.trim() !== "");
  return (
    <form onSubmit={send} className="mt-3 flex flex-col gap-2">
      {address.secrets.map(({ name, title, help }) => (
        <Field key={name} label={title} help={help.replace(/[*`]/g, "")} required>
          {(control) => (
            <Input
              {...control}
              type="password"
              autoComplete="off"
              value={secrets[name] ?? ""}
              onChange={(event) => setSecrets({ ...secrets, [name]: event.target.value })}
            />
          )}
        </Field>
      ))}
      <Button
        type="submit"
        size="small"
        className="self-start"
        disabled={!isWhole || !isAny}
        busy={enter.isPending}
      >
        Keep the secret
      </Button>
    </form>
  );
}

function Came({ counts }: { counts: DeliveryCounts }) {
  const refused = [
    [counts.forged, "forged"],
    [counts.too_old, "too old"],
    [counts.unreadable, "not readable"],
  ].filter(([count]) => count !== 0);
  if (counts.accepted + counts.repeated === 0 && refused.length === 0) {
    return <p className="mt-2 text-xs text-muted">Nothing has come yet.</p>;
  }
  return (
    <div className="mt-2 space-y-0.5 text-xs text-muted">
      <p>
        {counts.accepted.toLocaleString("en")} events accepted
        {counts.last_at ? (
          <>
            , the last <Moment at={counts.last_at} />
          </>
        ) : null}
        {counts.repeated ? `; ${counts.repeated.toLocaleString("en")} had come before` : ""}.
      </p>
      {refused.length > 0 ? (
        <p className="text-warn">
          Refused: {refused.map(([count, why]) => `${count} ${why}`).join(", ")}
          {counts.refused_at ? (
            <>
              , the last <Moment at={counts.refused_at} />
            </>
          ) : null}
          .
        </p>
      ) : null}
    </div>
  );
}
