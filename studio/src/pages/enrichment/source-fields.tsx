import { useState } from "react";
import { type HttpSource, type Provider, type SignIn, useConnections } from "@/api";
import { Button, Field, IconButton, Input, Select, Textarea } from "@/ui";

interface SourceFieldsProps {
  provider: Provider;
  onChange: (source: HttpSource) => void;
}

/** How a provider is asked over HTTP. */
export function SourceFields({ provider, onChange }: SourceFieldsProps) {
  const { source } = provider;
  const query = source.query ?? [];
  return (
    <div className="space-y-3">
      <div className="grid grid-cols-[96px_1fr] gap-2">
        <Field label="Method">
          {(control) => (
            <Select
              {...control}
              value={source.method ?? "GET"}
              options={[
                { value: "GET", label: "GET" },
                { value: "POST", label: "POST" },
              ]}
              onValueChange={(method) => onChange({ ...source, method: method as "GET" | "POST" })}
            />
          )}
        </Field>
        <Field label="Address">
          {(control) => (
            <Input
              {...control}
              mono
              placeholder="https://api.example.com/people"
              value={source.url}
              onChange={(event) => onChange({ ...source, url: event.target.value })}
            />
          )}
        </Field>
      </div>
      <fieldset>
        <legend className="mb-1 text-xs font-semibold text-muted">Parameters</legend>
        <ul className="space-y-1.5">
          {query.map((line, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: parameters are edited in place and have no other identity
            <li key={place} className="flex gap-2">
              <Input
                className="!w-32"
                aria-label={`${provider.name}, name of parameter ${place + 1}`}
                value={line.name}
                onChange={(event) =>
                  onChange({ ...source, query: changed(query, place, { ...line, name: event.target.value }) })
                }
              />
              <Input
                mono
                aria-label={`${provider.name}, value of parameter ${place + 1}`}
                placeholder="{{ lead.email }}"
                value={line.value}
                onChange={(event) =>
                  onChange({
                    ...source,
                    query: changed(query, place, { ...line, value: event.target.value }),
                  })
                }
              />
              <IconButton
                icon="trash"
                label={`Remove parameter ${place + 1} of ${provider.name}`}
                onClick={() => onChange({ ...source, query: query.filter((_, at) => at !== place) })}
              />
            </li>
          ))}
        </ul>
        <Button
          size="small"
          icon="plus"
          className="mt-1.5"
          onClick={() =>
            onChange({ ...source, query: [...query, { name: "email", value: "{{ lead.email }}" }] })
          }
        >
          Add a parameter
        </Button>
      </fieldset>
      {source.method === "POST" ? <Body source={source} onChange={onChange} /> : null}
      <SignInFields
        name={provider.name}
        signIn={source.sign_in ?? { by: "none" }}
        onChange={(signIn) => onChange({ ...source, sign_in: signIn })}
      />
    </div>
  );
}

function changed<T>(list: readonly T[], place: number, entry: T): T[] {
  return list.map((old, at) => (at === place ? entry : old));
}

/** The body as JSON; what is typed stays until it is one. */
function Body({ source, onChange }: { source: HttpSource; onChange: (source: HttpSource) => void }) {
  const [text, setText] = useState(source.body === undefined ? "" : JSON.stringify(source.body, null, 2));
  const [error, setError] = useState("");
  return (
    <Field label="Body as JSON" {...(error ? { error } : { help: "Expressions see the lead as lead." })}>
      {(control) => (
        <Textarea
          {...control}
          mono
          rows={4}
          placeholder={'{ "email": "{{ lead.email }}" }'}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            try {
              const { body: _, ...rest } = source;
              onChange(
                event.target.value.trim() === "" ? rest : { ...rest, body: JSON.parse(event.target.value) },
              );
              setError("");
            } catch {
              setError("This is no JSON yet; it is kept once it is.");
            }
          }}
        />
      )}
    </Field>
  );
}

interface SignInFieldsProps {
  name: string;
  signIn: SignIn;
  onChange: (signIn: SignIn) => void;
}

const EMPTY: Record<SignIn["by"], SignIn> = {
  none: { by: "none" },
  connection: { by: "connection", connection: "" },
  bearer: { by: "bearer", token: "" },
  basic: { by: "basic", username: "", password: "" },
  header: { by: "header", name: "X-Api-Key", value: "" },
};

function SignInFields({ name, signIn, onChange }: SignInFieldsProps) {
  const secret = (label: string, value: string, set: (value: string) => void) => (
    <Field label={label}>
      {(control) => (
        <Input
          {...control}
          type="password"
          autoComplete="off"
          value={value}
          onChange={(event) => set(event.target.value)}
        />
      )}
    </Field>
  );
  return (
    <div className="grid grid-cols-2 gap-2">
      <Field label="Sign-in">
        {(control) => (
          <Select
            {...control}
            aria-label={`Sign-in of ${name}`}
            value={signIn.by}
            options={[
              { value: "none", label: "None" },
              { value: "connection", label: "A connection" },
              { value: "bearer", label: "Bearer token" },
              { value: "basic", label: "User name and password" },
              { value: "header", label: "A key in a header" },
            ]}
            onValueChange={(by) => onChange(EMPTY[by as SignIn["by"]])}
          />
        )}
      </Field>
      {signIn.by === "connection" ? (
        <Connections
          name={name}
          value={signIn.connection}
          onChange={(connection) => onChange({ ...signIn, connection })}
        />
      ) : null}
      {signIn.by === "bearer"
        ? secret("Token", signIn.token, (token) => onChange({ ...signIn, token }))
        : null}
      {signIn.by === "basic" ? (
        <>
          <Field label="User name">
            {(control) => (
              <Input
                {...control}
                value={signIn.username}
                onChange={(event) => onChange({ ...signIn, username: event.target.value })}
              />
            )}
          </Field>
          {secret("Password", signIn.password, (password) => onChange({ ...signIn, password }))}
        </>
      ) : null}
      {signIn.by === "header" ? (
        <>
          <Field label="Header">
            {(control) => (
              <Input
                {...control}
                value={signIn.name}
                onChange={(event) => onChange({ ...signIn, name: event.target.value })}
              />
            )}
          </Field>
          {secret("Key", signIn.value, (value) => onChange({ ...signIn, value }))}
        </>
      ) : null}
    </div>
  );
}

interface ConnectionsProps {
  name: string;
  value: string;
  onChange: (connection: string) => void;
}

/** The accounts of the workspace; a key typed here instead would stand in the enrichment. */
function Connections({ name, value, onChange }: ConnectionsProps) {
  const connections = useConnections();
  const options = connections.data?.items.map((one) => ({ value: one.id, label: one.name })) ?? [];
  const isKnown = value === "" || options.some((option) => option.value === value);
  return (
    <Field
      label="Connection"
      {...(connections.data?.items.length === 0
        ? { help: "No account is connected yet; connect one under Settings, Connections." }
        : {})}
    >
      {(control) => (
        <Select
          {...control}
          aria-label={`Connection of ${name}`}
          value={value}
          placeholder="Choose an account"
          options={isKnown ? options : [...options, { value, label: "An account that is gone" }]}
          onValueChange={onChange}
        />
      )}
    </Field>
  );
}
