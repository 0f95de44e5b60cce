import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { type ConnectorChoice, type ConnectorImport, connectorsApi, type DraftedConnector } from "@/api";
import { Button, Card, Chip, CopyButton, Icon, Textarea, toast } from "@/ui";
import { Difference } from "./difference";
import { Problems } from "./problems";
import { Refusal } from "./refusal";
import { Users } from "./users";
import { count } from "./words";

interface InstallPartProps {
  found: ConnectorImport;
  choice: ConnectorChoice;
  drafted: DraftedConnector;
}

/** What installing it does, said before it is done. */
export function InstallPart({ found, choice, drafted }: InstallPartProps) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const [confirmed, setConfirmed] = useState<string[]>([]);
  const [shows, setShows] = useState(false);
  const { preview, manifest, problems } = drafted;
  const upgrade = preview.base_edition !== null;
  const install = useMutation({
    mutationFn: () =>
      connectorsApi.install({
        manifest,
        base_edition: preview.base_edition,
        confirm_hosts: confirmed,
        origin: {
          kind: "openapi",
          source: found.source,
          loaded: found.loaded,
          title: found.title,
          choice: named(
            choice,
            preview.actions.map(({ name }) => name),
            found,
          ),
        },
      }),
    onSuccess: async ({ title, version }) => {
      await client.invalidateQueries();
      toast({
        tone: "ok",
        title: `${title} ${version} is installed`,
        description: upgrade
          ? "Workflows take it when they are published again."
          : "Its steps are in the palette. Connect an account to use them.",
      });
      await navigate({ to: "/settings/connectors" });
    },
  });
  const open = preview.difference?.new_hosts.some((host) => !confirmed.includes(host)) ?? false;
  return (
    <>
      <Card
        title={upgrade ? "What changes" : "What is installed"}
        aside={
          <Button
            variant="primary"
            icon="check"
            disabled={open}
            busy={install.isPending}
            onClick={() => install.mutate()}
          >
            {upgrade ? "Upgrade" : "Install"}
          </Button>
        }
      >
        <div className="flex flex-col gap-4">
          <p className="flex flex-wrap items-center gap-2">
            <span className="grid size-8 place-items-center rounded-lg bg-connect-soft text-connect-text">
              <Icon name="plug" />
            </span>
            <span className="font-semibold">{preview.app.name}</span>
            <Chip>{preview.app.version}</Chip>
            <span className="text-muted">
              {count(preview.actions.length, "action")} · credentials go to {choice.hosts.join(", ")}
            </span>
          </p>
          {preview.difference ? (
            <>
              <Difference difference={preview.difference} confirmed={confirmed} onConfirm={setConfirmed} />
              {preview.used_by.length > 0 ? (
                <section>
                  <h3 className="mb-1 text-sm font-semibold">Used by</h3>
                  <Users users={preview.used_by} />
                  <p className="mt-1 text-sm text-muted">
                    Live workflows keep the edition they were published with until they are published again.
                  </p>
                </section>
              ) : null}
            </>
          ) : (
            <ul className="grid gap-1 text-sm sm:grid-cols-2" aria-label="Actions">
              {preview.actions.map((action) => (
                <li key={action.name} className="flex items-start gap-2">
                  <Icon
                    name={action.writes ? "pencil" : "eye"}
                    size={14}
                    className="mt-0.5 shrink-0 text-faint"
                  />
                  {action.title}
                </li>
              ))}
            </ul>
          )}
          <Problems problems={problems} about="on what was made of it" />
          {install.isError ? <Refusal error={install.error} /> : null}
          {upgrade ? null : (
            <p className="text-sm text-muted">
              After that, connect an account under{" "}
              <Link to="/settings/connections" className="text-accent-text underline">
                Connections
              </Link>
              .
            </p>
          )}
        </div>
      </Card>
      <Card
        title="Manifest"
        subtitle="Everything Trunkline will know of the app, as one file."
        aside={
          <>
            <CopyButton text={manifest} label="Copy" />
            <Button size="small" aria-expanded={shows} onClick={() => setShows(!shows)}>
              {shows ? "Hide" : "Show"}
              <span className="visually-hidden"> the manifest</span>
            </Button>
          </>
        }
      >
        {shows ? (
          <Textarea mono readOnly rows={18} aria-label="Text of the manifest" value={manifest} />
        ) : (
          <p className="text-sm text-muted">It can be kept in version control and installed elsewhere.</p>
        )}
      </Card>
    </>
  );
}

/** The choice with the names its actions got, so that an import again gives them the same ones. */
function named(choice: ConnectorChoice, names: readonly string[], found: ConnectorImport): ConnectorChoice {
  const own = new Map(found.operations.map((operation) => [operation.key, operation.name]));
  return {
    ...choice,
    operations: choice.operations.map((operation) => {
      const name = operation.name ?? own.get(operation.key);
      return name && names.includes(name) ? { ...operation, name } : operation;
    }),
  };
}
