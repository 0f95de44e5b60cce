/** What a person chooses of a document: begun with the guesses, or with what was chosen last time. */
import type {
  AuthChoice,
  ChosenOperation,
  ConnectorChoice,
  ConnectorImport,
  ImportOperation,
  ProposedServer,
} from "@/api";

/** The choice one begins with. Operations of an earlier choice that are gone are left out. */
export function firstChoice(found: ConnectorImport): ConnectorChoice {
  const server = found.servers[0];
  const guessed: ConnectorChoice = {
    id: found.name,
    name: found.title,
    version: "1.0.0",
    summary: found.summary,
    shelf: "other",
    base_url: server?.url ?? "",
    hosts: server?.hosts ?? [],
    settings: server?.settings ?? {},
    auth: found.auth.map(({ auth }) => auth),
    says: found.says,
    faults: found.faults,
    test: "",
    operations: [],
  };
  const earlier = found.earlier?.choice;
  if (!earlier) return guessed;
  const there = new Set(found.operations.filter(usable).map(({ key }) => key));
  return {
    ...guessed,
    ...earlier,
    version: nextVersion(earlier.version),
    operations: earlier.operations.filter(({ key }) => there.has(key)),
  };
}

const keptAt = ({ id, earlier }: ConnectorImport) => `trunkline.import.${id}.${earlier?.name ?? ""}`;

/** Keeps what was chosen so far in this tab. It holds no secret. */
export function keepChoice(found: ConnectorImport, choice: ConnectorChoice, storage = window.sessionStorage) {
  try {
    storage.setItem(keptAt(found), JSON.stringify(choice));
  } catch {
    // A browser without room loses it at a reload, as it would have without this.
  }
}

/** What was chosen of this document in this tab; `null` when that was nothing. */
export function keptChoice(found: ConnectorImport, storage = window.sessionStorage): ConnectorChoice | null {
  try {
    return JSON.parse(storage.getItem(keptAt(found)) ?? "null") as ConnectorChoice | null;
  } catch {
    return null;
  }
}

/** Operations that were chosen and are not in the document any more. */
export function gone(found: ConnectorImport): string[] {
  const there = new Set(found.operations.filter(usable).map(({ key }) => key));
  return (found.earlier?.choice.operations ?? []).map(({ key }) => key).filter((key) => !there.has(key));
}

export function usable(operation: ImportOperation): boolean {
  return operation.unsupported === undefined;
}

/** `1.2.9` is followed by `1.3.0`; what is no such version stays. */
export function nextVersion(version: string): string {
  const parts = /^(\d+)\.(\d+)\.\d+$/.exec(version);
  return parts ? `${parts[1]}.${Number(parts[2]) + 1}.0` : version;
}

export function withServer(choice: ConnectorChoice, server: ProposedServer): ConnectorChoice {
  return { ...choice, base_url: server.url, hosts: server.hosts, settings: server.settings };
}

/** An address typed by hand leads to its own host; settings stay as long as it mentions them. */
export function withAddress(choice: ConnectorChoice, address: string): ConnectorChoice {
  const settings = Object.fromEntries(
    Object.entries(choice.settings).filter(([name]) => address.includes(`settings.${name}`)),
  );
  return { ...choice, base_url: address, hosts: hostsOf(address), settings };
}

export function hostsOf(address: string): string[] {
  const known = /^https?:\/\/[^/]*\}\}\.([a-z0-9-]+(?:\.[a-z0-9-]+)+)(?:\/|$)/i.exec(address.trim());
  if (known?.[1]) return [`*.${known[1].toLowerCase()}`];
  try {
    return [new URL(address.trim()).host].filter(Boolean);
  } catch {
    return [];
  }
}

export function toggle(
  operations: readonly ChosenOperation[],
  keys: readonly string[],
  on: boolean,
): ChosenOperation[] {
  const wanted = new Set(keys);
  if (!on) return operations.filter(({ key }) => !wanted.has(key));
  const known = new Set(operations.map(({ key }) => key));
  return [...operations, ...keys.filter((key) => !known.has(key)).map((key) => ({ key }))];
}

/** How a key travels, as a form shows it. */
export interface KeyForm {
  place: "header" | "query";
  name: string;
  /** What stands before the key. */
  before: string;
}

export function keyForm(auth: AuthChoice): KeyForm | null {
  if (auth.grant.kind !== "api_key" || auth.asks) return null;
  const parts = (["headers", "query"] as const).flatMap((place) =>
    Object.entries(auth.send?.[place] ?? {}).map(([name, value]) => ({ place, name, value })),
  );
  const [only, more] = parts;
  if (!only || more) return null;
  const end = only.value.indexOf("{{ secret.key }}");
  if (end < 0 || end + "{{ secret.key }}".length !== only.value.length) return null;
  return {
    place: only.place === "query" ? "query" : "header",
    name: only.name,
    before: only.value.slice(0, end),
  };
}

export function withKey(auth: AuthChoice, form: KeyForm): AuthChoice {
  const value = `${form.before}{{ secret.key }}`;
  const part = { [form.name]: value };
  return { ...auth, send: form.place === "query" ? { query: part } : { headers: part } };
}

/** A fresh way to sign in of a kind. */
export function freshAuth(kind: string, taken: readonly string[]): AuthChoice {
  const id = ["", "_2", "_3", "_4", "_5"].map((end) => `${kind}${end}`).find((name) => !taken.includes(name));
  const base = { id: id ?? `${kind}_${taken.length + 1}` };
  switch (kind) {
    case "basic":
      return { ...base, title: "User name and password", grant: { kind } };
    case "none":
      return { ...base, title: "Nothing", help: "The API is open to everybody.", grant: { kind } };
    case "authorization_code":
      return {
        ...base,
        title: "Sign in with OAuth",
        grant: { kind, authorize_url: "", token_url: "", scopes: [] },
      };
    case "client_credentials":
      return { ...base, title: "Client ID and secret", grant: { kind, token_url: "", scopes: [] } };
    default:
      return {
        ...base,
        title: "API key",
        grant: { kind: "api_key" },
        send: { headers: { Authorization: "Bearer {{ secret.key }}" } },
      };
  }
}
