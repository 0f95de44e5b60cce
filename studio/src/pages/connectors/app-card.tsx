import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { type ConnectableApp, connectionKeys, connectorKeys, connectorsApi, keys } from "@/api";
import { sayError } from "@/app/say-error";
import { Button, Card, Chip, Icon, IconButton, Menu, Switch, toast } from "@/ui";
import { ConnectorDialog } from "./connector-dialog";
import { ManifestDialog } from "./manifest-dialog";
import { RemoveConnector } from "./remove-connector";
import { count } from "./words";

/** Actions shown before "all". */
const FEW = 4;

/** One app: what it is, what it can do, and, when it was installed here, what can be done with it. */
export function AppCard({ app, search }: { app: ConnectableApp; search: string }) {
  const navigate = useNavigate();
  const [open, setOpen] = useState<"detail" | "upload" | "remove" | null>(null);
  const [all, setAll] = useState(false);
  const installed = app.origin === "installed";
  const words = search.trim().toLowerCase();
  const found = words ? app.actions.filter(({ title }) => title.toLowerCase().includes(words)) : [];
  const actions = found.length > 0 ? found : app.actions;
  const shown = all ? actions : actions.slice(0, FEW);
  return (
    <Card className={app.enabled ? undefined : "opacity-75"}>
      <div className="flex items-start gap-3">
        <span className="grid size-9 shrink-0 place-items-center rounded-lg bg-connect-soft text-connect-text">
          <Icon name={app.icon} />
        </span>
        <div className="min-w-0 flex-1">
          <h3 className="flex flex-wrap items-center gap-2 font-semibold">
            <span className="truncate">{app.name}</span>
            {installed ? <Chip tone="accent">Installed {app.version}</Chip> : <Chip>Built in</Chip>}
            {app.enabled ? null : <Chip tone="warn">Switched off</Chip>}
          </h3>
          <p className="text-sm text-muted">{app.summary}</p>
        </div>
        {installed ? (
          <div className="flex shrink-0 items-center gap-1">
            <OnOff app={app} />
            <Menu
              trigger={<IconButton icon="more" label={`More about ${app.name}`} />}
              entries={[
                { label: "Details and uses", icon: "info", onSelect: () => setOpen("detail") },
                {
                  label: "Import again",
                  icon: "refresh",
                  onSelect: () =>
                    void navigate({ to: "/settings/connectors/import", search: { again: app.id } }),
                },
                { label: "Upload a new manifest", icon: "upload", onSelect: () => setOpen("upload") },
                "separator",
                { label: "Remove", icon: "trash", danger: true, onSelect: () => setOpen("remove") },
              ]}
            />
          </div>
        ) : null}
      </div>
      {app.trouble ? <p className="mt-2 text-sm text-bad">{app.trouble}</p> : null}
      {actions.length > 0 ? (
        <ul className="mt-3 space-y-1 text-sm" aria-label={`What ${app.name} can do`}>
          {shown.map((action) => (
            <li key={action.kind} className="flex items-start gap-2">
              <Icon
                name={action.writes ? "pencil" : "eye"}
                size={14}
                className="mt-0.5 shrink-0 text-faint"
              />
              <span className="min-w-0">
                {action.title}
                <span className="visually-hidden">{action.writes ? " (writes)" : " (reads)"}</span>
              </span>
            </li>
          ))}
        </ul>
      ) : null}
      {actions.length > FEW ? (
        <Button size="small" variant="ghost" className="mt-1 -ml-2" onClick={() => setAll(!all)}>
          {all ? "Show fewer" : `All ${count(actions.length, "action")}`}
          <span className="visually-hidden"> of {app.name}</span>
        </Button>
      ) : null}
      {open === "detail" ? <ConnectorDialog name={app.id} onClose={() => setOpen(null)} /> : null}
      {open === "upload" ? <ManifestDialog expected={app.id} onClose={() => setOpen(null)} /> : null}
      {open === "remove" ? (
        <RemoveConnector name={app.id} title={app.name} onClose={() => setOpen(null)} />
      ) : null}
    </Card>
  );
}

/** Stops and starts the steps of a connector at once. */
function OnOff({ app }: { app: ConnectableApp }) {
  const client = useQueryClient();
  const change = useMutation({
    mutationFn: (enabled: boolean) => connectorsApi.change(app.id, enabled),
    onSuccess: async ({ enabled, title }) => {
      await Promise.all([
        client.invalidateQueries({ queryKey: connectionKeys.apps }),
        client.invalidateQueries({ queryKey: connectorKeys.list }),
        client.invalidateQueries({ queryKey: keys.stepKinds }),
      ]);
      toast({
        tone: "ok",
        title: `${title} is ${enabled ? "on" : "off"}`,
        description: enabled
          ? "Its steps are offered and run again."
          : "Its steps are not offered, and those that come up fail and say why.",
      });
    },
    onError: sayError("The connector was not switched"),
  });
  return (
    <Switch
      aria-label={`${app.name} is on`}
      checked={app.enabled}
      disabled={change.isPending}
      onCheckedChange={(enabled) => change.mutate(enabled)}
    />
  );
}
