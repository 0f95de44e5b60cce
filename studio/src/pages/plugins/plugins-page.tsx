import { useState } from "react";
import { type InstalledPlugin, type ManifestFile, useApps, usePlugins } from "@/api";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { Button, Card, EmptyState, Loading, Skeleton } from "@/ui";
import { AppCard } from "../connectors/app-card";
import { ManifestDialog } from "../connectors/manifest-dialog";
import { ApprovalDialog } from "./approval-dialog";
import { BringDialog } from "./bring-dialog";
import { LimitsDialog } from "./limits-dialog";
import { OfferedPlugins } from "./offered-plugins";
import { PluginCard } from "./plugin-card";

type Open =
  | { what: "bring"; of?: InstalledPlugin }
  | { what: "manifest"; file: ManifestFile }
  | { what: "approve"; plugin: InstalledPlugin }
  | { what: "limits"; plugin: InstalledPlugin };

/** Steps that others wrote: which there are, what they may reach, and how they do. */
export function PluginsPage() {
  const plugins = usePlugins();
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => setOpen(null);
  const install = (
    <Button variant="primary" icon="plus" onClick={() => setOpen({ what: "bring" })}>
      Install a plugin
    </Button>
  );
  return (
    <Page title="Plugins" section="settings" actions={install}>
      <div className="mx-auto flex max-w-[860px] flex-col gap-3">
        {plugins.isPending ? (
          <Loading label="Loading the plugins" className="space-y-3">
            <Skeleton className="h-28 rounded-xl" />
            <Skeleton className="h-28 rounded-xl" />
          </Loading>
        ) : plugins.isError ? (
          <QueryError error={plugins.error} onRetry={() => void plugins.refetch()} />
        ) : plugins.data.items.length === 0 ? (
          <Card>
            <EmptyState icon="puzzle" title="No plugins installed" action={install}>
              A plugin adds steps to the palette: a formula of your own, a lookup, a service nobody else
              connects. It runs in a sandbox and reaches only what you approve.
            </EmptyState>
          </Card>
        ) : (
          plugins.data.items.map((plugin) => (
            <PluginCard
              key={plugin.id}
              plugin={plugin}
              onApprove={() => setOpen({ what: "approve", plugin })}
              onUpgrade={() => setOpen({ what: "bring", of: plugin })}
              onLimits={() => setOpen({ what: "limits", plugin })}
            />
          ))
        )}
        <InstalledConnectors />
        <OfferedPlugins
          onBrought={(plugin) => plugin.pending && setOpen({ what: "approve", plugin })}
          onManifest={(file) => setOpen({ what: "manifest", file })}
        />
      </div>
      {open?.what === "bring" ? (
        <BringDialog
          of={open.of}
          signaturesNeeded={plugins.data?.signatures_needed ?? false}
          onBrought={(plugin) => (plugin.pending ? setOpen({ what: "approve", plugin }) : close())}
          onManifest={(file) => setOpen({ what: "manifest", file })}
          onClose={close}
        />
      ) : null}
      {open?.what === "manifest" ? <ManifestDialog given={open.file} onClose={close} /> : null}
      {open?.what === "approve" ? <ApprovalDialog plugin={open.plugin} onClose={close} /> : null}
      {open?.what === "limits" ? <LimitsDialog plugin={open.plugin} onClose={close} /> : null}
    </Page>
  );
}

/** Apps that came as a manifest: they install, upgrade and go by the same rules. */
function InstalledConnectors() {
  const apps = useApps();
  const installed = (apps.data?.items ?? []).filter((app) => app.origin === "installed");
  if (installed.length === 0) return null;
  return (
    <section aria-labelledby="connectors" className="mt-4">
      <h2 id="connectors" className="mb-2 text-sm font-semibold">
        Connectors
      </h2>
      <ul className="grid items-start gap-3 sm:grid-cols-2">
        {installed.map((app) => (
          <li key={app.id}>
            <AppCard app={app} search="" />
          </li>
        ))}
      </ul>
    </section>
  );
}
