import { clsx } from "clsx";
import type { ActionChange, ConnectorDifference } from "@/api";
import { Checkbox, Chip, Icon } from "@/ui";
import { count } from "./words";

interface DifferenceProps {
  difference: ConnectorDifference;
  /** New hosts that were confirmed. */
  confirmed: readonly string[];
  onConfirm: (hosts: string[]) => void;
}

/** What an upgrade changes, before anything does. Hosts that would get credentials are confirmed one by one. */
export function Difference({ difference, confirmed, onConfirm }: DifferenceProps) {
  const { added, removed, changed, new_hosts: hosts, other } = difference;
  const nothing = added.length + removed.length + changed.length + hosts.length + other.length === 0;
  if (nothing) return <p className="text-muted">Nothing changes: it is the same as what is installed.</p>;
  return (
    <div className="flex flex-col gap-4">
      {hosts.length > 0 ? (
        <div className="rounded-lg border border-warn bg-warn-soft p-3">
          <p className="flex items-center gap-2 font-semibold text-warn">
            <Icon name="shield" size={16} /> Credentials would go to other hosts
          </p>
          <p className="mt-1 text-sm">
            Accounts that are connected would send what they prove themselves with there. Confirm a host only
            if it belongs to the app.
          </p>
          <div className="mt-2 flex flex-col gap-1.5">
            {hosts.map((host) => (
              <Checkbox
                key={host}
                label={<code className="font-mono text-sm">{host}</code>}
                checked={confirmed.includes(host)}
                onCheckedChange={(on) =>
                  onConfirm(on ? [...confirmed, host] : confirmed.filter((known) => known !== host))
                }
              />
            ))}
          </div>
        </div>
      ) : null}
      <Changes tone="bad" word="removed" actions={removed} note="Steps that use it stop passing." />
      <Changes tone="warn" word="changed" actions={changed} />
      <Changes tone="ok" word="added" actions={added} />
      {other.length > 0 ? (
        <ul className="list-disc space-y-0.5 pl-5 text-sm text-muted">
          {other.map((what) => (
            <li key={what}>{what}</li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}

interface ChangesProps {
  tone: "ok" | "warn" | "bad";
  word: string;
  actions: readonly ActionChange[];
  note?: string;
}

function Changes({ tone, word, actions, note }: ChangesProps) {
  if (actions.length === 0) return null;
  return (
    <section aria-label={`Actions ${word}`}>
      <h3 className="flex items-center gap-2 text-sm font-semibold">
        <Chip tone={tone}>{word}</Chip>
        {count(actions.length, "action")}
        {note ? <span className="font-normal text-muted">{note}</span> : null}
      </h3>
      <ul className="mt-1.5 space-y-1 text-sm">
        {actions.map((action) => (
          <li key={action.name} className="flex items-start gap-2">
            <Icon
              name={word === "added" ? "plus" : word === "removed" ? "minus" : "pencil"}
              size={14}
              className={clsx(
                "mt-0.5 shrink-0",
                tone === "ok" ? "text-ok" : tone === "bad" ? "text-bad" : "text-warn",
              )}
            />
            <span>
              <span className="font-medium">{action.title}</span>
              {action.changes.length > 0 ? (
                <span className="text-muted">: {action.changes.join(", ")}</span>
              ) : null}
              {action.breaks && word === "changed" ? (
                <span className="text-warn"> Look at the steps that use it.</span>
              ) : null}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
