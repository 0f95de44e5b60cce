import { Link } from "@tanstack/react-router";
import type { ConnectorUse } from "@/api";
import { userInWords } from "./words";

/** What uses a connector, each with the way to it. */
export function Users({ users }: { users: readonly ConnectorUse[] }) {
  if (users.length === 0) return <p className="text-sm text-muted">Nothing uses it.</p>;
  return (
    <ul className="space-y-0.5 text-sm" aria-label="What uses it">
      {users.map((use) => (
        <li key={`${use.kind}/${use.id}`}>
          {use.kind === "connection" ? (
            <Link to="/settings/connections" className="text-accent-text underline">
              {use.name}
            </Link>
          ) : (
            <Link to="/workflows/$id" params={{ id: use.id }} className="text-accent-text underline">
              {use.name}
            </Link>
          )}
          <span className="text-muted"> ({userInWords(use)})</span>
        </li>
      ))}
    </ul>
  );
}
