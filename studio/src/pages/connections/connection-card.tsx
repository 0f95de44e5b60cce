import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import {
  type AppConnection,
  type ConnectableApp,
  connectionKeys,
  connectionsApi,
  useConnectionUses,
  useWebhookAddresses,
} from "@/api";
import { Moment } from "@/app/moment";
import { sayError } from "@/app/say-error";
import { date, dateTime } from "@/app/time";
import { WebhookAddressCard } from "@/app/webhook-address";
import {
  Button,
  Card,
  Chip,
  ConfirmDialog,
  ErrorCode,
  Icon,
  IconButton,
  Menu,
  Progress,
  type Tone,
  toast,
} from "@/ui";
import { EndDialog } from "./end-dialog";

const STATES: Record<AppConnection["status"], { words: string; tone: Tone }> = {
  connected: { words: "Connected", tone: "ok" },
  pending: { words: "Waiting for access", tone: "warn" },
  ends_soon: { words: "Ends soon", tone: "warn" },
  broken: { words: "Broken", tone: "bad" },
};

interface ConnectionCardProps {
  connection: AppConnection;
  app: ConnectableApp | undefined;
  onReconnect: () => void;
}

/** One account: whose it is, how it is, and what can be done with it. */
export function ConnectionCard({ connection, app, onReconnect }: ConnectionCardProps) {
  const client = useQueryClient();
  const [removing, setRemoving] = useState(false);
  const [showsUses, setShowsUses] = useState(false);
  const [saysEnd, setSaysEnd] = useState(false);
  const [showsAddresses, setShowsAddresses] = useState(false);
  const sends = app?.triggers.some(({ sent }) => sent) ?? false;
  const renew = () => client.invalidateQueries({ queryKey: connectionKeys.connections });
  const asksForAccess = app?.auth.find(({ id }) => id === connection.auth)?.kind === "authorization_code";
  const test = useMutation({
    mutationFn: () => connectionsApi.test(connection.id),
    onSuccess: (tested) =>
      toast({ tone: "ok", title: `“${tested.name}” works`, description: tested.account ?? "" }),
    onError: sayError(`“${connection.name}” does not work`),
    onSettled: renew,
  });
  const allow = useMutation({
    mutationFn: () => connectionsApi.authorize(connection.id),
    onSuccess: ({ url }) => window.location.assign(url),
    onError: sayError("The app's page could not be opened"),
  });
  const state = STATES[connection.status];
  return (
    <Card>
      <div className="flex items-start gap-3">
        <span className="grid size-9 shrink-0 place-items-center rounded-lg bg-connect-soft text-connect-text">
          <Icon name={app?.icon ?? "plug"} />
        </span>
        <div className="min-w-0 flex-1">
          <h2 className="flex flex-wrap items-center gap-2 font-semibold">
            <span className="truncate">{connection.name}</span>
            <Chip tone={state.tone} dot>
              {state.words}
            </Chip>
          </h2>
          <p className="text-sm text-muted">
            {[app?.name ?? connection.app, connection.account].filter(Boolean).join(" · ")}
            {connection.tested_at ? (
              <>
                {" · tested "}
                <Moment at={connection.tested_at} />
              </>
            ) : null}
          </p>
          <Remarks connection={connection} known={app !== undefined} />
          {showsUses ? <Uses id={connection.id} /> : null}
          {showsAddresses ? <Addresses id={connection.id} /> : null}
        </div>
        <div className="flex shrink-0 items-center gap-1">
          {asksForAccess && connection.status !== "connected" ? (
            <Button
              size="small"
              variant="primary"
              busy={allow.isPending || allow.isSuccess}
              onClick={() => allow.mutate()}
            >
              Allow access
            </Button>
          ) : null}
          {connection.status === "pending" ? null : (
            <Button size="small" busy={test.isPending} onClick={() => test.mutate()}>
              Test<span className="visually-hidden"> {connection.name}</span>
            </Button>
          )}
          <Menu
            trigger={<IconButton icon="more" label={`More about ${connection.name}`} />}
            entries={[
              {
                label: showsUses ? "Hide who uses it" : "Used by",
                icon: "workflow",
                onSelect: () => setShowsUses(!showsUses),
              },
              ...(sends
                ? [
                    {
                      label: showsAddresses ? "Hide addresses" : "Addresses for webhooks",
                      icon: "webhook" as const,
                      onSelect: () => setShowsAddresses(!showsAddresses),
                    },
                  ]
                : []),
              { label: "Change it", icon: "key", onSelect: onReconnect },
              { label: "Say when it ends", icon: "clock", onSelect: () => setSaysEnd(true) },
              { label: "Remove", icon: "trash", danger: true, onSelect: () => setRemoving(true) },
            ]}
          />
        </div>
      </div>
      {saysEnd ? <EndDialog connection={connection} onClose={() => setSaysEnd(false)} /> : null}
      <ConfirmDialog
        open={removing}
        onOpenChange={setRemoving}
        title={`Remove “${connection.name}”?`}
        description="Its secrets are deleted here; the app itself is not changed. It stays while a workflow or an enrichment uses it."
        confirmLabel="Remove connection"
        danger
        onConfirm={async () => {
          try {
            await connectionsApi.remove(connection.id);
          } catch (error) {
            sayError("The connection was not removed")(error);
            throw error;
          }
          await renew();
        }}
      />
    </Card>
  );
}

function Addresses({ id }: { id: string }) {
  const addresses = useWebhookAddresses(id, true);
  return (
    <div className="mt-3 flex flex-col gap-2">
      {addresses.data?.items.map((address) => (
        <WebhookAddressCard key={address.webhook} address={address} />
      ))}
    </div>
  );
}

function Remarks({ connection, known }: { connection: AppConnection; known: boolean }) {
  const { trouble, ends_at: endsAt, calls, status } = connection;
  return (
    <div className="mt-1 space-y-1 text-sm empty:hidden">
      {known ? null : (
        <p className="text-bad">This server does not know the app; its manifest may have been taken away.</p>
      )}
      {trouble ? (
        <p className="text-bad">
          {sentence(trouble.message)} {trouble.action} <ErrorCode code={trouble.code} />
        </p>
      ) : null}
      {endsAt ? <End at={endsAt} isNear={status === "ends_soon" || isOver(endsAt)} /> : null}
      {calls ? <Calls {...calls} /> : null}
    </div>
  );
}

function isOver(moment: string): boolean {
  return Date.parse(moment) <= Date.now();
}

function End({ at, isNear }: { at: string; isNear: boolean }) {
  if (!isNear) return <p className="text-muted">Ends on {date(at)}.</p>;
  return (
    <p className={isOver(at) ? "text-bad" : "text-warn"}>
      {isOver(at) ? `Ended on ${date(at)}.` : `Ends on ${date(at)}, and nothing renews it by itself.`} Make a
      new one in the app and enter it here.
    </p>
  );
}

/** The app's calls of the day, and how long they will last. */
function Calls({ used, of, expected, used_up_at: usedUpAt }: NonNullable<AppConnection["calls"]>) {
  const isUsedUp = used >= of;
  return (
    <div className="max-w-md pt-0.5">
      <Progress
        label="Calls of today"
        value={used}
        max={of}
        tone={isUsedUp ? "bad" : usedUpAt ? "warn" : "accent"}
        className="mb-1"
      />
      <p className={isUsedUp ? "text-bad" : usedUpAt ? "text-warn" : "text-muted"}>
        {used.toLocaleString("en")} of {of.toLocaleString("en")} calls today (UTC).{" "}
        {isUsedUp
          ? "They are used up; steps that wait for the app go on after midnight."
          : usedUpAt
            ? `At this pace they are used up at ${dateTime(usedUpAt)}.`
            : used > 0
              ? `At this pace there will be ${expected.toLocaleString("en")} by midnight.`
              : ""}
      </p>
    </div>
  );
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

function Uses({ id }: { id: string }) {
  const uses = useConnectionUses(id, true);
  if (uses.isPending) return <p className="mt-2 text-sm text-muted">Looking…</p>;
  if (uses.isError) return <p className="mt-2 text-sm text-bad">What uses it could not be loaded.</p>;
  if (uses.data.items.length === 0) {
    return <p className="mt-2 text-sm text-muted">Nothing uses it.</p>;
  }
  return (
    <ul className="mt-2 space-y-0.5 text-sm" aria-label="What uses it">
      {uses.data.items.map((use) => (
        <li key={use.id}>
          <Link
            to={use.kind === "workflow" ? "/workflows/$id" : "/enrichment/$id"}
            params={{ id: use.id }}
            className="text-accent-text hover:underline"
          >
            {use.name}
          </Link>
          {use.live ? null : <span className="text-muted"> (draft only)</span>}
        </li>
      ))}
    </ul>
  );
}
