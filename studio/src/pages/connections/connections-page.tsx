import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { type AppConnection, type ConnectableApp, useApps, useConnections } from "@/api";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { Button, Card, EmptyState, Loading, Skeleton, toast } from "@/ui";
import { ConnectDialog } from "./connect-dialog";
import { ConnectionCard } from "./connection-card";

/** Accounts in other apps: which there are, how they are, and new ones. */
export function ConnectionsPage() {
  const apps = useApps();
  const connections = useConnections();
  const [connecting, setConnecting] = useState<{ again?: AppConnection } | null>(null);
  useWayBack();
  const error = apps.error ?? connections.error;
  const byId = new Map(apps.data?.items.map((app) => [app.id, app]));

  return (
    <Page
      title="Connections"
      section="settings"
      actions={
        <Button variant="primary" icon="plus" onClick={() => setConnecting({})}>
          Connect an app
        </Button>
      }
    >
      <div className="mx-auto flex max-w-[860px] flex-col gap-3">
        {apps.isPending || connections.isPending ? (
          <Loading label="Loading the connections" className="space-y-3">
            <Skeleton className="h-24 rounded-xl" />
            <Skeleton className="h-24 rounded-xl" />
          </Loading>
        ) : error || !connections.data ? (
          <QueryError
            error={error}
            onRetry={() => {
              void apps.refetch();
              void connections.refetch();
            }}
          />
        ) : connections.data.items.length === 0 ? (
          <Card>
            <EmptyState
              icon="plug"
              title="No accounts connected yet"
              action={
                <Button variant="primary" icon="plus" onClick={() => setConnecting({})}>
                  Connect an app
                </Button>
              }
            >
              Connect an account once, such as your {someNames(apps.data?.items ?? [])}. Everyone in the
              workspace can then use it in steps, and nobody sees its secrets again.
            </EmptyState>
          </Card>
        ) : (
          connections.data.items.map((connection) => (
            <ConnectionCard
              key={connection.id}
              connection={connection}
              app={byId.get(connection.app)}
              onReconnect={() => setConnecting({ again: connection })}
            />
          ))
        )}
      </div>
      {connecting && apps.data ? (
        <ConnectDialog
          apps={apps.data.items}
          redirectUrl={apps.data.redirect_url}
          again={connecting.again}
          onClose={() => setConnecting(null)}
        />
      ) : null}
    </Page>
  );
}

function someNames(apps: readonly ConnectableApp[]): string {
  const names = apps.slice(0, 2).map(({ name }) => name);
  return names.length > 0 ? names.join(" or ") : "CRM";
}

/** Whoever comes back from an app is told what came of it, once. */
function useWayBack() {
  const { connected, trouble, said } = useSearch({ from: "/shell/settings/connections" });
  const navigate = useNavigate();
  useEffect(() => {
    if (!connected && !trouble) return;
    if (connected) {
      toast({ tone: "ok", title: "Access is allowed", description: "Test the connection to be sure." });
    } else {
      toast({
        tone: "bad",
        title: "The account was not connected",
        description: said ?? "",
        ...(trouble ? { code: trouble } : {}),
      });
    }
    void navigate({ to: "/settings/connections", search: {}, replace: true });
  }, [connected, trouble, said, navigate]);
}
