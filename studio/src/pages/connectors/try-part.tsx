import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { type ActionInputs, connectorsApi, type DraftedConnector, useConnections } from "@/api";
import { sentence } from "@/forms/sentence";
import { Button, Card, Chip, ErrorCode, Field, Icon, Input, JsonView, Select, Textarea } from "@/ui";
import { Refusal } from "./refusal";

/** One real call of one action, before anything is installed. */
export function TryPart({ drafted }: { drafted: DraftedConnector }) {
  const { app, actions } = drafted.preview;
  const [name, setName] = useState(() => (actions.find(({ writes }) => !writes) ?? actions[0])?.name ?? "");
  const action = actions.find((one) => one.name === name);
  return (
    <Card
      title="Try it"
      subtitle="One real call. What you enter here is used once and forgotten. You can also skip this."
    >
      <div className="flex flex-col gap-4">
        <Field label="Action">
          {(control) => (
            <Select
              {...control}
              value={name}
              options={actions.map((one) => ({
                value: one.name,
                label: one.title,
                hint: one.writes ? "writes" : "reads",
              }))}
              onValueChange={setName}
            />
          )}
        </Field>
        {action ? <Trial key={action.name} drafted={drafted} action={action} /> : null}
        {app.auth.length === 0 ? <p className="text-sm text-bad">There is no way to sign in.</p> : null}
      </div>
    </Card>
  );
}

function Trial({ drafted, action }: { drafted: DraftedConnector; action: ActionInputs }) {
  const { app } = drafted.preview;
  const connections = useConnections();
  const own = connections.data?.items.filter((one) => one.app === app.id && one.status !== "pending") ?? [];
  const [connection, setConnection] = useState("");
  const [way, setWay] = useState(app.auth[0]?.id ?? "");
  const [settings, setSettings] = useState<Record<string, string>>(() => defaults(app.settings));
  const [secrets, setSecrets] = useState<Record<string, string>>({});
  const [inputs, setInputs] = useState<Record<string, string>>(() => examples(action));
  const [wrong, setWrong] = useState("");
  const auth = app.auth.find(({ id }) => id === way);
  const typed = connection === "";
  const away = typed && (auth?.kind === "authorization_code" || auth?.kind === "client_credentials");
  const attempt = useMutation({
    mutationFn: (input: Record<string, unknown>) =>
      connectorsApi.attempt({
        manifest: drafted.manifest,
        action: action.name,
        input,
        ...(typed ? { auth: way, settings, secrets } : { connection }),
      }),
  });
  const send = () => {
    const read = readInputs(action, inputs);
    setWrong(typeof read === "string" ? read : "");
    if (typeof read !== "string") attempt.mutate(read);
  };
  return (
    <div className="flex flex-col gap-4">
      <div className="grid gap-3 sm:grid-cols-2">
        {own.length > 0 ? (
          <Field label="Account">
            {(control) => (
              <Select
                {...control}
                value={connection}
                options={[
                  { value: "", label: "Enter credentials for this call" },
                  ...own.map((one) => ({ value: one.id, label: one.name })),
                ]}
                onValueChange={setConnection}
              />
            )}
          </Field>
        ) : null}
        {typed && app.auth.length > 1 ? (
          <Field label="How to sign in">
            {(control) => (
              <Select
                {...control}
                value={way}
                options={app.auth.map(({ id, title }) => ({ value: id, label: title }))}
                onValueChange={(id) => {
                  setWay(id);
                  setSecrets({});
                }}
              />
            )}
          </Field>
        ) : null}
        {typed
          ? Object.entries(app.settings).map(([key, schema]) => (
              <Field key={key} label={schema.title ?? key}>
                {(control) => (
                  <Input
                    {...control}
                    value={settings[key] ?? ""}
                    onChange={(event) => setSettings({ ...settings, [key]: event.target.value })}
                  />
                )}
              </Field>
            ))
          : null}
        {typed && !away
          ? auth?.entries.map((entry) => (
              <Field key={`${way}/${entry.name}`} label={entry.title}>
                {(control) => (
                  <Input
                    {...control}
                    type={entry.hidden ? "password" : "text"}
                    autoComplete={entry.hidden ? "new-password" : "off"}
                    value={secrets[entry.name] ?? ""}
                    onChange={(event) => setSecrets({ ...secrets, [entry.name]: event.target.value })}
                  />
                )}
              </Field>
            ))
          : null}
      </div>
      {away ? (
        <p className="text-sm text-muted">
          Signing in this way takes the app's own page. Install the connector, connect an account, then test
          it there.
        </p>
      ) : null}
      <Inputs action={action} values={inputs} onChange={setInputs} />
      {wrong ? (
        <p role="alert" className="text-sm text-bad">
          {wrong}
        </p>
      ) : null}
      <div className="flex items-center gap-3">
        <Button icon="play" disabled={away} busy={attempt.isPending} onClick={send}>
          {action.writes ? "Send it for real" : "Call it"}
        </Button>
        {action.writes ? (
          <p className="flex items-center gap-1 text-sm text-warn">
            <Icon name="warning" size={14} /> This changes something in the app.
          </p>
        ) : null}
      </div>
      {attempt.isError ? <Refusal error={attempt.error} /> : null}
      {attempt.data ? (
        <section aria-label="What came of it" className="rounded-lg border border-border p-3">
          <p className="flex flex-wrap items-center gap-2 font-semibold">
            {attempt.data.ok ? <Chip tone="ok">It works</Chip> : <Chip tone="bad">It did not work</Chip>}
          </p>
          {attempt.data.error ? (
            <p className="mt-1 text-sm text-bad">
              {sentence(attempt.data.error.message)} {sentence(attempt.data.error.action)}{" "}
              <ErrorCode code={attempt.data.error.code} />
            </p>
          ) : null}
          <div className="mt-2 grid gap-3 sm:grid-cols-2">
            <div className="min-w-0">
              <h3 className="text-xs font-semibold text-muted">What was sent</h3>
              <JsonView label="What was sent" value={attempt.data.request} />
            </div>
            {attempt.data.ok ? (
              <div className="min-w-0">
                <h3 className="text-xs font-semibold text-muted">What the step puts out</h3>
                <JsonView label="What the step puts out" value={attempt.data.output} />
              </div>
            ) : null}
          </div>
        </section>
      ) : null}
    </div>
  );
}

interface InputsProps {
  action: ActionInputs;
  values: Record<string, string>;
  onChange: (values: Record<string, string>) => void;
}

function Inputs({ action, values, onChange }: InputsProps) {
  const [all, setAll] = useState(false);
  const fields = Object.entries(action.properties);
  const first = fields.filter(([name]) => action.required.includes(name) || (values[name] ?? "") !== "");
  const shown = all ? fields : first.length > 0 ? first : fields.slice(0, 4);
  if (fields.length === 0) return <p className="text-sm text-muted">It is given nothing.</p>;
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      {shown.map(([name, schema]) => {
        const structured = isStructured(schema.type);
        return (
          <Field
            key={name}
            label={schema.title ?? name}
            required={action.required.includes(name)}
            className={structured ? "sm:col-span-2" : ""}
            help={structured ? "As JSON." : undefined}
          >
            {(control) =>
              structured ? (
                <Textarea
                  {...control}
                  mono
                  rows={4}
                  value={values[name] ?? ""}
                  onChange={(event) => onChange({ ...values, [name]: event.target.value })}
                />
              ) : (
                <Input
                  {...control}
                  value={values[name] ?? ""}
                  onChange={(event) => onChange({ ...values, [name]: event.target.value })}
                />
              )
            }
          </Field>
        );
      })}
      {shown.length < fields.length ? (
        <div className="sm:col-span-2">
          <Button size="small" variant="ghost" className="-ml-2" onClick={() => setAll(true)}>
            {fields.length - shown.length} more inputs
          </Button>
        </div>
      ) : null}
    </div>
  );
}

function isStructured(type: unknown): boolean {
  return type === "object" || type === "array";
}

function defaults(settings: Record<string, { default?: unknown }>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, schema]) => [
      name,
      typeof schema.default === "string" ? schema.default : "",
    ]),
  );
}

function examples(action: ActionInputs): Record<string, string> {
  return Object.fromEntries(
    Object.entries(action.example)
      .filter(([name]) => name in action.properties)
      .map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value, null, 1)]),
  );
}

/** The inputs as they are sent, or what is wrong with one of them. */
function readInputs(action: ActionInputs, texts: Record<string, string>): Record<string, unknown> | string {
  const input: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(texts)) {
    if (text.trim() === "") continue;
    const schema = action.properties[name];
    if (!isStructured(schema?.type)) {
      input[name] = text;
      continue;
    }
    try {
      input[name] = JSON.parse(text);
    } catch {
      return `“${schema?.title ?? name}” is not JSON.`;
    }
  }
  return input;
}
