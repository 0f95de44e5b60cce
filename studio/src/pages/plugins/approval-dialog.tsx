import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type InstalledPlugin, pluginsApi } from "@/api";
import { sayError } from "@/app/say-error";
import { Button, Dialog, toast } from "@/ui";

/** What a release wants, in plain words, before anything of it runs in a workflow. */
export function ApprovalDialog({ plugin, onClose }: { plugin: InstalledPlugin; onClose: () => void }) {
  const client = useQueryClient();
  const release = plugin.pending;
  const done = async () => {
    await client.invalidateQueries();
    onClose();
  };
  const approve = useMutation({
    mutationFn: () => pluginsApi.approve(plugin.id, release?.sha256 ?? ""),
    onSuccess: async (approved) => {
      toast({ tone: "ok", title: `${approved.live?.title} ${approved.live?.version} runs` });
      await done();
    },
    onError: sayError("The plugin was not approved"),
  });
  const turnDown = useMutation({
    mutationFn: () => pluginsApi.turnDown(plugin.id),
    onSuccess: done,
    onError: sayError("The release was not turned down"),
  });
  if (!release) return null;
  const isUpgrade = plugin.live !== null;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Approve ${release.title} ${release.version}?`}
      description={release.summary}
      footer={
        <>
          <Button variant="ghost" busy={turnDown.isPending} onClick={() => turnDown.mutate()}>
            Turn it down
          </Button>
          <Button variant="primary" busy={approve.isPending} onClick={() => approve.mutate()}>
            Approve
          </Button>
        </>
      }
    >
      {isUpgrade ? (
        <Lines title="New in this release" lines={release.asks_for} />
      ) : (
        <Lines title="What it does and wants to reach" lines={release.reaches} />
      )}
      {isUpgrade ? <Lines title="All it will reach" lines={release.reaches} quiet /> : null}
      <dl className="mt-4 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-sm">
        <dt className="text-muted">From</dt>
        <dd className="break-words">
          {release.source}, brought by {release.by}
        </dd>
        <dt className="text-muted">Signature</dt>
        <dd className="break-all">{release.signed_by ? `by ${release.signed_by}` : "not signed"}</dd>
        <dt className="text-muted">SHA-256</dt>
        <dd className="break-all font-mono text-xs leading-5">{release.sha256}</dd>
      </dl>
      <p className="mt-4 text-sm text-muted">
        It can reach nothing else: no files, no other hosts, no credentials. A later release that wants more
        asks again.
      </p>
    </Dialog>
  );
}

function Lines({ title, lines, quiet }: { title: string; lines: string[]; quiet?: boolean }) {
  return (
    <section className={quiet ? "mt-4 text-sm text-muted" : undefined}>
      <h3 className="text-xs font-semibold text-muted">{title}</h3>
      <ul className="mt-1 list-disc space-y-1 pl-5">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </section>
  );
}
