import { useMutation, useQueryClient } from "@tanstack/react-query";
import {
  type InstalledPlugin,
  type ManifestFile,
  type OfferedPlugin,
  pluginKeys,
  pluginsApi,
  usePluginIndex,
} from "@/api";
import { QueryError } from "@/app/query-error";
import { sayError } from "@/app/say-error";
import { Button, Card, Chip, toast } from "@/ui";

interface Takers {
  onBrought: (plugin: InstalledPlugin) => void;
  onManifest: (file: ManifestFile) => void;
}

/** What the index that an administrator chose offers. Nothing stands here without one. */
export function OfferedPlugins(takers: Takers) {
  const index = usePluginIndex();
  if (index.isPending || (index.isSuccess && !index.data.chosen)) return null;
  return (
    <section aria-labelledby="offered" className="mt-4 flex flex-col gap-2">
      <h2 id="offered" className="text-sm font-semibold">
        Offered here
      </h2>
      {index.isError ? (
        <QueryError error={index.error} onRetry={() => void index.refetch()} />
      ) : index.data.items.length === 0 ? (
        <p className="text-sm text-muted">The index names no plugins.</p>
      ) : (
        <Card>
          <ul className="divide-y divide-border">
            {index.data.items.map((offered) => (
              <Offered key={`${offered.kind}/${offered.name}`} offered={offered} {...takers} />
            ))}
          </ul>
        </Card>
      )}
    </section>
  );
}

function Offered({ offered, onBrought, onManifest }: Takers & { offered: OfferedPlugin }) {
  const client = useQueryClient();
  const bring = useMutation({
    mutationFn: async () => {
      if (offered.kind === "plugin") return pluginsApi.bringOffered(offered.name, offered.version);
      const { manifest, source, ...vouched } = await pluginsApi.offeredManifest(offered.name);
      onManifest({ name: source, text: manifest, vouched });
      return null;
    },
    onSuccess: async (plugin) => {
      if (!plugin) return;
      await client.invalidateQueries({ queryKey: pluginKeys.plugins });
      if (!plugin.pending) {
        toast({ tone: "ok", title: `Version ${plugin.live?.version} runs; it wants nothing new` });
        void client.invalidateQueries();
      }
      onBrought(plugin);
    },
    onError: sayError("The plugin was not taken"),
  });
  const isHere = offered.installed !== undefined && !offered.is_newer;
  return (
    <li className="flex items-center gap-3 p-3">
      <div className="min-w-0 flex-1">
        <p className="truncate text-sm font-medium">
          {offered.title} {offered.version}
        </p>
        <p className="text-sm text-muted">{offered.summary}</p>
      </div>
      {offered.kind === "connector" ? <Chip>Connector</Chip> : null}
      {offered.signed ? <Chip tone="neutral">Signed</Chip> : null}
      {isHere ? (
        <Chip tone="ok">Installed</Chip>
      ) : (
        <Button size="small" busy={bring.isPending} onClick={() => bring.mutate()}>
          {offered.installed ? "Upgrade" : "Install"}
          <span className="visually-hidden"> {offered.title}</span>
        </Button>
      )}
    </li>
  );
}
