import { useState } from "react";
import type { AuthChoice, ConnectorChoice, ConnectorImport } from "@/api";
import { Button, Card, Checkbox, Chip, Field, Input, Menu, Select } from "@/ui";
import { AuthForm } from "./auth-form";
import { freshAuth, withAddress, withServer } from "./choice";
import { LimitsCard } from "./limits-card";
import { SHELVES } from "./words";

interface AccessPartProps {
  found: ConnectorImport;
  choice: ConnectorChoice;
  onChange: (choice: ConnectorChoice) => void;
}

/** What the connector is called, where the API lives, and how it is signed in to: guesses, each to be confirmed. */
export function AccessPart({ found, choice, onChange }: AccessPartProps) {
  const [open, setOpen] = useState<string | null>(null);
  const again = found.earlier?.name === choice.id;
  const ids = choice.auth.map(({ id }) => id);
  const guesses = found.auth.map(({ auth }) => auth);
  const ways = [...choice.auth, ...guesses.filter(({ id }) => !ids.includes(id))];
  const notes = (id: string) => found.auth.find(({ auth }) => auth.id === id)?.notes ?? [];
  const setAuth = (auth: AuthChoice[]) => onChange({ ...choice, auth });
  return (
    <>
      <Card title="What it is called">
        <div className="grid gap-3 sm:grid-cols-2">
          <Field label="Name">
            {(control) => (
              <Input
                {...control}
                value={choice.name}
                onChange={(event) => onChange({ ...choice, name: event.target.value })}
              />
            )}
          </Field>
          <Field
            label="Name in documents"
            help={
              again
                ? "It stays: workflows name their steps by it."
                : "Small letters, digits and _; it never changes."
            }
          >
            {(control) => (
              <Input
                {...control}
                mono
                readOnly={again}
                value={choice.id}
                onChange={(event) => onChange({ ...choice, id: event.target.value })}
              />
            )}
          </Field>
          <Field label="What it is for">
            {(control) => (
              <Input
                {...control}
                value={choice.summary}
                onChange={(event) => onChange({ ...choice, summary: event.target.value })}
              />
            )}
          </Field>
          <div className="grid grid-cols-2 gap-3">
            <Field label="Version">
              {(control) => (
                <Input
                  {...control}
                  value={choice.version}
                  onChange={(event) => onChange({ ...choice, version: event.target.value })}
                />
              )}
            </Field>
            <Field label="Shelf">
              {(control) => (
                <Select
                  {...control}
                  value={choice.shelf}
                  options={SHELVES.map(([value, label]) => ({ value, label }))}
                  onValueChange={(shelf) => onChange({ ...choice, shelf })}
                />
              )}
            </Field>
          </div>
        </div>
      </Card>
      <Card title="Where the API lives" subtitle="Credentials go there and nowhere else. Check it.">
        <div className="flex flex-col gap-3">
          {found.servers.length > 1 ? (
            <Field label="Addresses in the document">
              {(control) => (
                <Select
                  {...control}
                  value={choice.base_url}
                  placeholder="Another address"
                  options={found.servers.map(({ url, about }) => ({
                    value: url,
                    label: url,
                    ...(about ? { hint: about } : {}),
                  }))}
                  onValueChange={(url) => {
                    const server = found.servers.find((one) => one.url === url);
                    if (server) onChange(withServer(choice, server));
                  }}
                />
              )}
            </Field>
          ) : null}
          <Field
            label="Address"
            required
            help={
              found.servers.length === 0
                ? "The document does not say it; the vendor's documentation does."
                : "Taken from the document. It is used only because you confirm it here."
            }
          >
            {(control) => (
              <Input
                {...control}
                mono
                placeholder="https://api.example.com/v1"
                value={choice.base_url}
                onChange={(event) => onChange(withAddress(choice, event.target.value))}
              />
            )}
          </Field>
          <p className="text-sm text-muted">
            {choice.hosts.length > 0 ? (
              <>
                Credentials go to{" "}
                {choice.hosts.map((host) => (
                  <code key={host} className="font-mono text-text">
                    {host}
                  </code>
                ))}
                .
              </>
            ) : (
              "It is not known yet where credentials would go."
            )}{" "}
            {Object.keys(choice.settings).length > 0
              ? `Whoever connects an account is asked for: ${Object.values(choice.settings)
                  .map(({ title }) => title)
                  .join(", ")}.`
              : null}
          </p>
          {(found.servers.find(({ url }) => url === choice.base_url)?.notes ?? []).map((note) => (
            <p key={note} className="text-sm text-warn">
              {note}
            </p>
          ))}
        </div>
      </Card>
      <LimitsCard limits={choice.limits ?? {}} onChange={(limits) => onChange({ ...choice, limits })} />
      <Card
        title="How one signs in"
        subtitle={found.auth_is_guess ? "The document says nothing of it; these are guesses." : undefined}
        aside={
          <Menu
            trigger={
              <Button size="small" icon="plus">
                Another way
              </Button>
            }
            entries={(
              [
                ["api_key", "API key or token"],
                ["basic", "User name and password"],
                ["authorization_code", "OAuth, at the app's own page"],
                ["client_credentials", "OAuth, client ID and secret"],
                ["none", "Nothing"],
              ] as const
            ).map(([kind, label]) => ({
              label,
              onSelect: () => {
                const auth = freshAuth(kind, [...ids, ...guesses.map(({ id }) => id)]);
                setAuth([...choice.auth, auth]);
                setOpen(auth.id);
              },
            }))}
          />
        }
      >
        <ul className="flex flex-col divide-y divide-border">
          {ways.map((way) => {
            const on = ids.includes(way.id);
            return (
              <li key={way.id} className="py-2 first:pt-0 last:pb-0">
                <div className="flex items-center gap-3">
                  <Checkbox
                    aria-label={way.title}
                    checked={on}
                    onCheckedChange={(take) =>
                      setAuth(take ? [...choice.auth, way] : choice.auth.filter(({ id }) => id !== way.id))
                    }
                  />
                  <span className="min-w-0 flex-1">
                    <span className="font-medium">{way.title}</span>{" "}
                    {choice.auth[0]?.id === way.id ? <Chip>Offered first</Chip> : null}
                  </span>
                  {on && choice.auth[0]?.id !== way.id ? (
                    <Button
                      size="small"
                      variant="ghost"
                      onClick={() => setAuth([way, ...choice.auth.filter(({ id }) => id !== way.id)])}
                    >
                      Offer first<span className="visually-hidden">: {way.title}</span>
                    </Button>
                  ) : null}
                  {on ? (
                    <Button
                      size="small"
                      variant="ghost"
                      aria-expanded={open === way.id}
                      onClick={() => setOpen(open === way.id ? null : way.id)}
                    >
                      Change<span className="visually-hidden"> {way.title}</span>
                    </Button>
                  ) : null}
                </div>
                {notes(way.id).map((note) => (
                  <p key={note} className="pl-7 text-sm text-muted">
                    {note}
                  </p>
                ))}
                {on && open === way.id ? (
                  <AuthForm
                    auth={way}
                    onChange={(next) =>
                      setAuth(choice.auth.map((known) => (known.id === way.id ? next : known)))
                    }
                  />
                ) : null}
              </li>
            );
          })}
        </ul>
      </Card>
    </>
  );
}
