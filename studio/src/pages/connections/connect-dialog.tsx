import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useEffect, useRef, useState } from "react";
import {
  type AppConnection,
  type AppSetting,
  type ConnectableApp,
  connectionKeys,
  connectionsApi,
  type SignInEntry,
  useConnections,
  type WayToSignIn,
} from "@/api";
import { Prose } from "@/app/prose";
import { sayError } from "@/app/say-error";
import {
  Button,
  CopyButton,
  Dialog,
  EmptyState,
  Field,
  Icon,
  Input,
  SearchInput,
  Select,
  Textarea,
  toast,
} from "@/ui";
import { EndField } from "./end-field";
import { endOfDay } from "./ends";

interface ConnectDialogProps {
  apps: readonly ConnectableApp[];
  redirectUrl: string;
  /** The connection that is changed; without it, a new one. */
  again?: AppConnection | undefined;
  /** The only app that is meant, by its id; no gallery then. */
  app?: string | undefined;
  /** Whoever opened it goes on with the connection: the page is not left, also when access is allowed elsewhere. */
  onConnected?: ((connection: AppConnection) => void) | undefined;
  onClose: () => void;
}

/** First the app, then what it asks. */
export function ConnectDialog({ apps, redirectUrl, again, app, onConnected, onClose }: ConnectDialogProps) {
  const meant = again?.app ?? app;
  const [chosen, setChosen] = useState<ConnectableApp | undefined>(
    meant ? apps.find(({ id }) => id === meant) : undefined,
  );
  if (!chosen) return <Gallery apps={apps} onChoose={setChosen} onClose={onClose} />;
  return (
    <SignInForm
      app={chosen}
      redirectUrl={redirectUrl}
      again={again}
      onBack={meant ? undefined : () => setChosen(undefined)}
      onConnected={onConnected}
      onClose={onClose}
    />
  );
}

interface GalleryProps {
  apps: readonly ConnectableApp[];
  onChoose: (app: ConnectableApp) => void;
  onClose: () => void;
}

function Gallery({ apps, onChoose, onClose }: GalleryProps) {
  const [search, setSearch] = useState("");
  const words = search.trim().toLowerCase();
  const shown = apps
    .filter(({ enabled, auth }) => enabled && auth.length > 0)
    .filter(({ name, summary, keywords }) =>
      [name, summary, ...keywords].some((text) => text.toLowerCase().includes(words)),
    );
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="Connect an app" width="large">
      <SearchInput label="Search apps" placeholder="Search apps" value={search} onValueChange={setSearch} />
      {shown.length === 0 ? (
        <EmptyState icon="search" title={`No app called “${search.trim()}”`}>
          An administrator can add it under Connectors, from the OpenAPI document that its vendor publishes.
          Any web API can also be called with the step “HTTP request”.
        </EmptyState>
      ) : (
        <ul className="mt-3 grid gap-2 sm:grid-cols-2">
          {shown.map((app) => (
            <li key={app.id}>
              <button
                type="button"
                onClick={() => onChoose(app)}
                className="flex h-full w-full items-start gap-3 rounded-lg border border-border p-3 text-left hover:bg-hover"
              >
                <span className="grid size-8 shrink-0 place-items-center rounded-lg bg-connect-soft text-connect-text">
                  <Icon name={app.icon} />
                </span>
                <span>
                  <span className="block font-semibold">{app.name}</span>
                  <span className="block text-sm text-muted">{app.summary}</span>
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}

interface SignInFormProps {
  app: ConnectableApp;
  redirectUrl: string;
  again?: AppConnection | undefined;
  onBack?: (() => void) | undefined;
  onConnected?: ((connection: AppConnection) => void) | undefined;
  onClose: () => void;
}

function SignInForm({ app, redirectUrl, again, onBack, onConnected, onClose }: SignInFormProps) {
  const client = useQueryClient();
  const ways = again ? app.auth.filter(({ id }) => id === again.auth) : app.auth;
  const [wayId, setWayId] = useState(ways[0]?.id ?? "");
  const [name, setName] = useState(again?.name ?? app.name);
  const [settings, setSettings] = useState<Record<string, string>>(() => known(app, again));
  const [secrets, setSecrets] = useState<Record<string, string>>({});
  const [end, setEnd] = useState("");
  const [away, setAway] = useState<Away | null>(null);
  const way = ways.find(({ id }) => id === wayId) ?? ways[0];
  const connect = useMutation({
    mutationFn: async () => {
      const connection = again
        ? await connectionsApi.change(again.id, {
            name: name.trim(),
            ...(asked.length > 0 ? { settings: given } : {}),
            ...(isEntered ? { secrets } : {}),
            ...(isEntered || end !== "" ? { ends_at: endOfDay(end) } : {}),
          })
        : await connectionsApi.create({
            app: app.id,
            name: name.trim(),
            auth: wayId,
            settings: given,
            secrets,
            ends_at: endOfDay(end),
          });
      if (way?.kind !== "authorization_code" || !isEntered) return { connection, url: undefined };
      const { url } = await connectionsApi.authorize(connection.id);
      return { connection, url };
    },
    onSuccess: async ({ connection, url }) => {
      if (url) {
        if (onConnected) setAway({ id: connection.id, url });
        else window.location.assign(url);
        return;
      }
      onConnected?.(connection);
      onClose();
      await client.invalidateQueries({ queryKey: connectionKeys.connections });
      const title = isEntered ? `“${connection.name}” is connected` : `“${connection.name}” is changed`;
      toast({ tone: "ok", title, description: isEntered ? "Test it to be sure." : "" });
    },
    onError: async (error) => {
      sayError(again ? "The connection was not changed" : "The account was not connected")(error);
      await client.invalidateQueries({ queryKey: connectionKeys.connections });
    },
  });
  if (!way) return null;
  if (away) return <AwayDialog app={app} {...away} onConnected={onConnected} onClose={onClose} />;
  const asked = Object.entries(app.settings).filter(([, schema]) => isAsked(schema, way.id));
  const given = Object.fromEntries(
    asked.map(([key]) => [key, settings[key]?.trim() ?? ""]).filter(([, value]) => value !== ""),
  );
  const isTyped = way.entries.some((entry) => secrets[entry.name]?.trim());
  // Anything but a limit may say where secrets go: it is changed together with them.
  const isElsewhere = asked.some(
    ([key, schema]) => !schema["x-limit"] && (given[key] ?? "") !== String(again?.settings[key] ?? ""),
  );
  const isKept =
    again !== undefined && !isTyped && (!isElsewhere || way.entries.some(({ optional }) => !optional));
  const isEntered = !isKept && way.entries.every((entry) => entry.optional || secrets[entry.name]?.trim());
  const isWhole =
    name.trim() !== "" &&
    (isEntered || isKept) &&
    asked.every(
      ([key, schema]) => schema["x-optional"] === true || schema.default !== undefined || given[key],
    );
  const leavesFor = onConnected ? "Next" : `Go to ${app.name}`;
  const onward = way.kind === "authorization_code" ? leavesFor : "Connect";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isWhole && !connect.isPending) connect.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={again ? `Change “${again.name}”` : `Connect ${app.name}`}
      footer={
        <>
          {onBack ? <Button onClick={onBack}>Back</Button> : <Button onClick={onClose}>Cancel</Button>}
          <Button
            type="submit"
            form="connect-app"
            variant="primary"
            disabled={!isWhole}
            busy={
              connect.isPending || (connect.isSuccess && !onConnected && way.kind === "authorization_code")
            }
          >
            {isKept ? "Save" : onward}
          </Button>
        </>
      }
    >
      <form id="connect-app" onSubmit={submit} className="space-y-4" autoComplete="off">
        <Field label="Name" help="Whose account it is, as people will see it in steps.">
          {(control) => <Input {...control} value={name} onChange={(event) => setName(event.target.value)} />}
        </Field>
        {ways.length > 1 ? (
          <Field label="How to sign in">
            {(control) => (
              <Select
                {...control}
                value={way.id}
                onValueChange={(id) => {
                  setWayId(id);
                  setSecrets({});
                }}
                options={ways.map(({ id, title }) => ({ value: id, label: title }))}
              />
            )}
          </Field>
        ) : null}
        {asked.map(([key, schema]) => (
          <Field
            key={key}
            label={`${schema.title ?? key}${schema["x-optional"] === true ? " (optional)" : ""}`}
            help={schema.description}
          >
            {(control) =>
              schema.enum ? (
                <Select
                  {...control}
                  value={settings[key] ?? ""}
                  onValueChange={(value) => setSettings({ ...settings, [key]: value })}
                  options={schema.enum.map((value) => ({
                    value,
                    label: schema["x-labels"]?.[value] ?? value,
                  }))}
                />
              ) : (
                <Input
                  {...control}
                  placeholder={schema["x-placeholder"] ?? ""}
                  value={settings[key] ?? ""}
                  onChange={(event) => setSettings({ ...settings, [key]: event.target.value })}
                />
              )
            }
          </Field>
        ))}
        {way.entries.map((entry) => (
          <EntryField
            key={`${way.id}/${entry.name}`}
            entry={entry}
            value={secrets[entry.name] ?? ""}
            onChange={(value) => setSecrets({ ...secrets, [entry.name]: value })}
          />
        ))}
        {again ? (
          <p className="text-sm text-muted">
            Leave the secrets empty to keep them. They are entered again when anything but a limit changes.
          </p>
        ) : null}
        <EndField
          help="If the app gives this key or secret an end, you and your error workflows are warned two weeks before."
          value={end}
          onChange={setEnd}
        />
        <Hints app={app} way={way} redirectUrl={redirectUrl} />
      </form>
    </Dialog>
  );
}

/** What is known of a connection and asked by its app; what is usual, of a new one. */
function known(app: ConnectableApp, connection: AppConnection | undefined): Record<string, string> {
  const held = (key: string, usual = "") => String(connection ? (connection.settings[key] ?? "") : usual);
  const settings = Object.entries(app.settings).map(([key, schema]) => [key, held(key, schema.default)]);
  return Object.fromEntries(settings);
}

/** Whether the way to sign in needs the setting. */
function isAsked(schema: AppSetting, way: string): boolean {
  return schema["x-auth"]?.includes(way) ?? true;
}

/** A connection to which access is being allowed on the app's own page. */
interface Away {
  id: string;
  url: string;
}

interface AwayDialogProps extends Away {
  app: ConnectableApp;
  onConnected?: ((connection: AppConnection) => void) | undefined;
  onClose: () => void;
}

/** Access is allowed in another tab, so that what is being drawn here stays as it is. */
function AwayDialog({ app, id, url, onConnected, onClose }: AwayDialogProps) {
  const connections = useConnections(2_000);
  const arrived = connections.data?.items.find((connection) => connection.id === id);
  const isTold = useRef(false);
  useEffect(() => {
    if (!arrived || arrived.status === "pending" || isTold.current) return;
    isTold.current = true;
    onConnected?.(arrived);
    onClose();
    toast({ tone: "ok", title: `“${arrived.name}” is connected` });
  }, [arrived, onConnected, onClose]);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Allow access at ${app.name}`}
      footer={<Button onClick={onClose}>Later</Button>}
    >
      <p>
        {app.name} asks for your consent on a page of its own. Allow access there, then come back: this step
        goes on by itself.
      </p>
      <p className="mt-3">
        <a
          href={url}
          target="_blank"
          rel="noreferrer"
          className="inline-flex h-[30px] items-center gap-1.5 rounded-md border border-accent bg-accent px-3 text-sm font-medium text-on-accent hover:bg-accent-hover"
        >
          <Icon name="external" size={16} />
          Open {app.name}
        </a>
      </p>
      <p role="status" className="mt-3 text-sm text-muted">
        Waiting for access…
      </p>
    </Dialog>
  );
}

interface EntryFieldProps {
  entry: SignInEntry;
  value: string;
  onChange: (value: string) => void;
}

function EntryField({ entry, value, onChange }: EntryFieldProps) {
  return (
    <Field label={entry.title} help={entry.optional ? "May be left empty." : undefined}>
      {(control) =>
        entry.long ? (
          <Textarea
            {...control}
            mono
            rows={5}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
        ) : (
          <Input
            {...control}
            type={entry.hidden ? "password" : "text"}
            // A password manager would offer what belongs to Trunkline itself.
            autoComplete={entry.hidden ? "new-password" : "off"}
            value={value}
            onChange={(event) => onChange(event.target.value)}
          />
        )
      }
    </Field>
  );
}

function Hints({ app, way, redirectUrl }: { app: ConnectableApp; way: WayToSignIn; redirectUrl: string }) {
  return (
    <div className="space-y-2 rounded-lg bg-sunken p-3 text-sm text-muted">
      {way.kind === "authorization_code" ? (
        <div>
          <p>Give the app this redirect address:</p>
          <div className="mt-1 flex items-center gap-2">
            <code className="min-w-0 flex-1 font-mono text-xs break-all text-text">{redirectUrl}</code>
            <CopyButton text={redirectUrl} label="Copy" />
          </div>
        </div>
      ) : null}
      {way.help ? <Prose text={way.help} /> : null}
      {app.help ? <Prose text={app.help} /> : null}
      <p>What you enter is sealed and never shown again.</p>
    </div>
  );
}
