import { type ConnectableApp, useConnections } from "@/api";
import { Field, Input, Select } from "@/ui";

/** With what an action is tried: a connected account, or what is typed in. */
export interface Proof {
  /** The connection; empty for what is typed in. */
  connection: string;
  way: string;
  settings: Record<string, string>;
  secrets: Record<string, string>;
}

export function firstProof(app: ConnectableApp): Proof {
  const settings = Object.entries(app.settings).map(([name, schema]) => [
    name,
    typeof schema.default === "string" ? schema.default : "",
  ]);
  return { connection: "", way: app.auth[0]?.id ?? "", settings: Object.fromEntries(settings), secrets: {} };
}

/** What is asked of whoever signs in this way; of those that go to the app's own page, the token it gave. */
function entriesOf(app: ConnectableApp, way: string) {
  const auth = app.auth.find(({ id }) => id === way);
  if (!auth) return [];
  const isToken = !["none", "api_key", "entered", "basic"].includes(auth.kind);
  return isToken
    ? [{ name: "access_token", title: "Access token", hidden: true, optional: false }]
    : auth.entries;
}

/** Whether everything is there that a call needs. */
export function isWhole(app: ConnectableApp, { connection, way, settings, secrets }: Proof): boolean {
  if (connection !== "") return true;
  return (
    way !== "" &&
    entriesOf(app, way).every(({ name, optional }) => optional || secrets[name]?.trim()) &&
    Object.entries(app.settings).every(
      ([name, schema]) => schema["x-optional"] === true || settings[name]?.trim(),
    )
  );
}

/** As it is sent. */
export function sentProof({ connection, way, settings, secrets }: Proof) {
  if (connection !== "") return { connection };
  const given = Object.entries(settings).filter(([, value]) => value.trim() !== "");
  return { auth: way, settings: Object.fromEntries(given), secrets };
}

interface ProofFieldsProps {
  app: ConnectableApp;
  proof: Proof;
  onChange: (proof: Proof) => void;
}

export function ProofFields({ app, proof, onChange }: ProofFieldsProps) {
  const connections = useConnections();
  const own = connections.data?.items.filter((one) => one.app === app.id && one.status !== "pending") ?? [];
  const { connection, way, settings, secrets } = proof;
  const entries = entriesOf(app, way);
  const set = (change: Partial<Proof>) => onChange({ ...proof, ...change });
  return (
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
              onValueChange={(id) => set({ connection: id })}
            />
          )}
        </Field>
      ) : null}
      {connection === "" && app.auth.length > 1 ? (
        <Field label="How to sign in">
          {(control) => (
            <Select
              {...control}
              value={way}
              options={app.auth.map(({ id, title }) => ({ value: id, label: title }))}
              onValueChange={(id) => set({ way: id, secrets: {} })}
            />
          )}
        </Field>
      ) : null}
      {connection === ""
        ? Object.entries(app.settings).map(([name, schema]) => (
            <Field key={name} label={schema.title ?? name} help={schema.description}>
              {(control) =>
                Array.isArray(schema.enum) ? (
                  <Select
                    {...control}
                    value={settings[name] ?? ""}
                    options={schema.enum.map((choice) => ({ value: String(choice), label: String(choice) }))}
                    onValueChange={(value) => set({ settings: { ...settings, [name]: value } })}
                  />
                ) : (
                  <Input
                    {...control}
                    value={settings[name] ?? ""}
                    onChange={(event) => set({ settings: { ...settings, [name]: event.target.value } })}
                  />
                )
              }
            </Field>
          ))
        : null}
      {connection === ""
        ? entries.map((entry) => (
            <Field
              key={`${way}/${entry.name}`}
              label={`${entry.title}${entry.optional ? " (optional)" : ""}`}
              help={
                entry.name === "access_token"
                  ? "One that the app gave for a test. Connections get theirs by themselves."
                  : undefined
              }
            >
              {(control) => (
                <Input
                  {...control}
                  type={entry.hidden ? "password" : "text"}
                  autoComplete={entry.hidden ? "new-password" : "off"}
                  value={secrets[entry.name] ?? ""}
                  onChange={(event) => set({ secrets: { ...secrets, [entry.name]: event.target.value } })}
                />
              )}
            </Field>
          ))
        : null}
    </div>
  );
}
