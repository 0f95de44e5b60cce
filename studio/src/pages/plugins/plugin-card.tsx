import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { type InstalledPlugin, pluginKeys, pluginsApi, usePluginUses } from "@/api";
import { Moment } from "@/app/moment";
import { sayError } from "@/app/say-error";
import { Button, Card, Chip, ConfirmDialog, ErrorCode, Icon, IconButton, Menu, type Tone, toast } from "@/ui";

const STATES: Record<InstalledPlugin["status"], { words: string; tone: Tone }> = {
  active: { words: "Active", tone: "ok" },
  waiting: { words: "Waits for approval", tone: "warn" },
  disabled: { words: "Disabled", tone: "neutral" },
};

interface PluginCardProps {
  plugin: InstalledPlugin;
  onApprove: () => void;
  onUpgrade: () => void;
  onLimits: () => void;
}

/** One plugin: what it is, what it may reach, how it does, and what can be done with it. */
export function PluginCard({ plugin, onApprove, onUpgrade, onLimits }: PluginCardProps) {
  const client = useQueryClient();
  const [removing, setRemoving] = useState(false);
  const [showsUses, setShowsUses] = useState(false);
  const release = plugin.live ?? plugin.pending;
  // The step kinds of the palette are those of the plugins that run.
  const renew = () => client.invalidateQueries();
  const toggle = useMutation({
    mutationFn: () =>
      pluginsApi.change(plugin.id, { revision: plugin.revision, enabled: plugin.status === "disabled" }),
    onSuccess: (changed) =>
      toast({
        tone: "ok",
        title: changed.status === "active" ? "It runs again" : "It does not run any more",
      }),
    onError: sayError("The plugin was not changed"),
    onSettled: renew,
  });
  if (!release) return null;
  const state = STATES[plugin.status];
  return (
    <Card>
      <div className="flex items-start gap-3">
        <span className="grid size-9 shrink-0 place-items-center rounded-lg bg-code-soft text-code-text">
          <Icon name={release.icon} />
        </span>
        <div className="min-w-0 flex-1">
          <h2 className="flex flex-wrap items-center gap-2 font-semibold">
            <span className="truncate">{release.title}</span>
            <span className="font-normal text-muted">{release.version}</span>
            <Chip tone={state.tone} dot>
              {state.words}
            </Chip>
          </h2>
          <p className="text-sm text-muted">{release.summary}</p>
          <ul className="mt-2 space-y-0.5 text-sm" aria-label="What it does and may reach">
            {release.reaches.map((line) => (
              <li key={line} className="flex gap-2">
                <span aria-hidden className="text-faint">
                  •
                </span>
                {line}
              </li>
            ))}
          </ul>
          {plugin.live && plugin.pending ? (
            <p className="mt-2 text-sm text-warn">
              Version {plugin.pending.version} waits: it wants something new.
            </p>
          ) : null}
          <Figures plugin={plugin} />
          {showsUses ? <Uses id={plugin.id} /> : null}
        </div>
        <div className="flex shrink-0 items-center gap-1">
          {plugin.pending ? (
            <Button size="small" variant="primary" onClick={onApprove}>
              Look and approve<span className="visually-hidden"> {release.title}</span>
            </Button>
          ) : null}
          <Menu
            trigger={<IconButton icon="more" label={`More about ${release.title}`} />}
            entries={[
              {
                label: showsUses ? "Hide who uses it" : "Used by",
                icon: "workflow",
                onSelect: () => setShowsUses(!showsUses),
              },
              { label: "Bring another release", icon: "upload", onSelect: onUpgrade },
              { label: "Limits", icon: "gauge", onSelect: onLimits },
              ...(plugin.live
                ? [
                    {
                      label: plugin.status === "disabled" ? "Enable" : "Disable",
                      icon: plugin.status === "disabled" ? ("play" as const) : ("stop" as const),
                      onSelect: () => toggle.mutate(),
                    },
                  ]
                : []),
              { label: "Remove", icon: "trash", danger: true, onSelect: () => setRemoving(true) },
            ]}
          />
        </div>
      </div>
      <ConfirmDialog
        open={removing}
        onOpenChange={setRemoving}
        title={`Remove “${release.title}”?`}
        description="What it kept for workflows goes with it. It stays while a workflow or a run that has not ended uses it."
        confirmLabel="Remove plugin"
        danger
        onConfirm={async () => {
          try {
            await pluginsApi.remove(plugin.id);
          } catch (error) {
            sayError("The plugin was not removed")(error);
            throw error;
          }
          await client.invalidateQueries({ queryKey: pluginKeys.plugins });
          await renew();
        }}
      />
    </Card>
  );
}

/** What it did since the server started. */
function Figures({ plugin: { figures, live } }: { plugin: InstalledPlugin }) {
  if (!live) return null;
  if (figures.calls === 0) {
    return <p className="mt-2 text-sm text-muted">Not called since the server started.</p>;
  }
  const parts = [
    `${figures.calls.toLocaleString("en")} ${figures.calls === 1 ? "call" : "calls"} since the server started`,
    `${inWords(figures.total_ms / figures.calls)} on average`,
    `${inWords(figures.longest_ms)} at most`,
    `${(figures.most_memory_kib / 1024).toFixed(1)} MiB of memory at most`,
  ];
  return (
    <div className="mt-2 space-y-1 text-sm">
      <p className="text-muted">{parts.join(" · ")}</p>
      {figures.failures > 0 ? (
        <p className="text-bad">
          {figures.failures.toLocaleString("en")} failed
          {figures.last_failure_at ? (
            <>
              , last <Moment at={figures.last_failure_at} />: {figures.last_failure_message}
            </>
          ) : null}{" "}
          {figures.last_failure ? <ErrorCode code={figures.last_failure} /> : null}
        </p>
      ) : null}
    </div>
  );
}

function inWords(milliseconds: number): string {
  if (milliseconds < 1) return "less than 1 ms";
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

function Uses({ id }: { id: string }) {
  const uses = usePluginUses(id, true);
  if (uses.isPending) return <p className="mt-2 text-sm text-muted">Looking…</p>;
  if (uses.isError) return <p className="mt-2 text-sm text-bad">The workflows could not be loaded.</p>;
  if (uses.data.items.length === 0) {
    return <p className="mt-2 text-sm text-muted">No workflow uses it.</p>;
  }
  return (
    <ul className="mt-2 space-y-0.5 text-sm" aria-label="Workflows that use it">
      {uses.data.items.map((use) => (
        <li key={use.workflow_id}>
          <Link
            to="/workflows/$id"
            params={{ id: use.workflow_id }}
            className="text-accent-text hover:underline"
          >
            {use.name}
          </Link>
          {use.live ? null : <span className="text-muted"> (draft only)</span>}
        </li>
      ))}
    </ul>
  );
}
