import type { AuthChoice } from "@/api";
import { Field, Input, Select } from "@/ui";
import { keyForm, withKey } from "./choice";

/** What of a way to sign in can be corrected. What is too special for a form stays as it was guessed. */
export function AuthForm({ auth, onChange }: { auth: AuthChoice; onChange: (auth: AuthChoice) => void }) {
  const key = keyForm(auth);
  const { grant } = auth;
  const text = (label: string, value: string, onText: (text: string) => void, help?: string) => (
    <Field label={label} help={help}>
      {(control) => (
        <Input {...control} size="small" value={value} onChange={(event) => onText(event.target.value)} />
      )}
    </Field>
  );
  return (
    <div className="mt-2 grid gap-3 rounded-lg bg-sunken p-3 sm:grid-cols-2">
      {text("Title", auth.title, (title) => onChange({ ...auth, title }))}
      {text(
        "Where it is found",
        auth.help ?? "",
        (help) => onChange({ ...auth, help }),
        "Shown to whoever connects an account.",
      )}
      {key ? (
        <>
          <Field label="The key goes into">
            {(control) => (
              <Select
                {...control}
                size="small"
                value={key.place}
                options={[
                  { value: "header", label: "A header" },
                  { value: "query", label: "A parameter of the address" },
                ]}
                onValueChange={(place) =>
                  onChange(withKey(auth, { ...key, place: place === "query" ? "query" : "header" }))
                }
              />
            )}
          </Field>
          {text("Its name", key.name, (name) => onChange(withKey(auth, { ...key, name })))}
          {text(
            "What stands before the key",
            key.before,
            (before) => onChange(withKey(auth, { ...key, before })),
            "Such as “Bearer ”, with the space.",
          )}
        </>
      ) : null}
      {grant.authorize_url === undefined
        ? null
        : text("Page where access is allowed", grant.authorize_url, (authorize_url) =>
            onChange({ ...auth, grant: { ...grant, authorize_url } }),
          )}
      {grant.token_url === undefined
        ? null
        : text(
            "Where tokens are asked for",
            grant.token_url,
            (token_url) =>
              onChange({ ...auth, grant: { ...grant, token_url, token_hosts: hostOf(token_url) } }),
            "Its host gets the client secret.",
          )}
      {grant.token_url === undefined
        ? null
        : text("Scopes, between spaces", (grant.scopes ?? []).join(" "), (scopes) =>
            onChange({ ...auth, grant: { ...grant, scopes: scopes.split(/\s+/).filter(Boolean) } }),
          )}
      {!key && auth.send ? (
        <p className="text-sm text-muted sm:col-span-2">
          It travels in several parts, as the document says:{" "}
          <code className="font-mono text-xs">{JSON.stringify(auth.send)}</code>
        </p>
      ) : null}
    </div>
  );
}

function hostOf(address: string): string[] {
  try {
    return [new URL(address).host];
  } catch {
    return [];
  }
}
