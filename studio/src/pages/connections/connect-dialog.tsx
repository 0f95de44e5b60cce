import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import {
  type AppConnection,
  type ConnectableApp,
  connectionKeys,
  connectionsApi,
  type SignInEntry,
  type WayToSignIn,
} from "@/api";
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
import { Prose } from "./prose";

interface ConnectDialogProps {
  apps: readonly ConnectableApp[];
  redirectUrl: string;
  /** The connection whose secrets are entered again; without it, a new one. */
  again?: AppConnection | undefined;
  onClose: () => void;
}

/** First the app, then what it asks. */
export function ConnectDialog({ apps, redirectUrl, again, onClose }: ConnectDialogProps) {
  const [chosen, setChosen] = useState<ConnectableApp | undefined>(
    again ? apps.find(({ id }) => id === again.app) : undefined,
  );
  if (!chosen) return <Gallery apps={apps} onChoose={setChosen} onClose={onClose} />;
  return (
    <SignInForm
      app={chosen}
      redirectUrl={redirectUrl}
      again={again}
      onBack={again ? undefined : () => setChosen(undefined)}
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
  const shown = apps.filter(({ name, summary, keywords }) =>
    [name, summary, ...keywords].some((text) => text.toLowerCase().includes(words)),
  );
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title="Connect an app" width="large">
      <SearchInput label="Search apps" placeholder="Search apps" value={search} onValueChange={setSearch} />
      {shown.length === 0 ? (
        <EmptyState icon="search" title={`No app called “${search.trim()}”`}>
          Any web API can be called with the step “HTTP request”. Whoever runs the server can add an app with
          one file.
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
  onClose: () => void;
}

function SignInForm({ app, redirectUrl, again, onBack, onClose }: SignInFormProps) {
  const client = useQueryClient();
  const ways = again ? app.auth.filter(({ id }) => id === again.auth) : app.auth;
  const [wayId, setWayId] = useState(ways[0]?.id ?? "");
  const [name, setName] = useState(again?.name ?? app.name);
  const [settings, setSettings] = useState<Record<string, string>>(() => usual(app));
  const [secrets, setSecrets] = useState<Record<string, string>>({});
  const way = ways.find(({ id }) => id === wayId) ?? ways[0];
  const connect = useMutation({
    mutationFn: async () => {
      const connection = again
        ? await connectionsApi.change(again.id, { name: name.trim(), secrets })
        : await connectionsApi.create({ app: app.id, name: name.trim(), auth: wayId, settings, secrets });
      if (way?.kind !== "authorization_code") return { connection, url: undefined };
      const { url } = await connectionsApi.authorize(connection.id);
      return { connection, url };
    },
    onSuccess: async ({ connection, url }) => {
      if (url) {
        window.location.assign(url);
        return;
      }
      onClose();
      await client.invalidateQueries({ queryKey: connectionKeys.connections });
      toast({ tone: "ok", title: `“${connection.name}” is connected`, description: "Test it to be sure." });
    },
    onError: async (error) => {
      sayError("The account was not connected")(error);
      await client.invalidateQueries({ queryKey: connectionKeys.connections });
    },
  });
  if (!way) return null;
  const asked = again ? [] : Object.entries(app.settings);
  const isWhole =
    name.trim() !== "" &&
    way.entries.every((entry) => entry.optional || secrets[entry.name]?.trim()) &&
    asked.every(([key, schema]) => schema.default !== undefined || settings[key]?.trim());
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isWhole && !connect.isPending) connect.mutate();
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={again ? `Connect “${again.name}” again` : `Connect ${app.name}`}
      footer={
        <>
          {onBack ? <Button onClick={onBack}>Back</Button> : <Button onClick={onClose}>Cancel</Button>}
          <Button
            type="submit"
            form="connect-app"
            variant="primary"
            disabled={!isWhole}
            busy={connect.isPending || (connect.isSuccess && way.kind === "authorization_code")}
          >
            {way.kind === "authorization_code" ? `Go to ${app.name}` : "Connect"}
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
          <Field key={key} label={schema.title ?? key} help={schema.description}>
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
        <Hints app={app} way={way} redirectUrl={redirectUrl} />
      </form>
    </Dialog>
  );
}

/** What the settings are unless somebody says otherwise. */
function usual(app: ConnectableApp): Record<string, string> {
  const values = Object.entries(app.settings).map(([key, schema]) => [key, schema.default ?? ""] as const);
  return Object.fromEntries(values);
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
