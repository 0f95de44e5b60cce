import { useConnector } from "@/api";
import { Moment } from "@/app/moment";
import { QueryError } from "@/app/query-error";
import { Button, CopyButton, Dialog, Loading, Skeleton, Textarea } from "@/ui";
import { Users } from "./users";

/** An installed connector: who uses it, its editions, and its manifest. */
export function ConnectorDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const detail = useConnector(name);
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      width="large"
      title={detail.data?.connector.title ?? name}
      footer={<Button onClick={onClose}>Close</Button>}
    >
      {detail.isPending ? (
        <Loading label="Loading the connector" className="space-y-2">
          <Skeleton className="h-5 w-64" />
          <Skeleton className="h-24" />
        </Loading>
      ) : detail.isError ? (
        <QueryError error={detail.error} onRetry={() => void detail.refetch()} />
      ) : (
        <div className="space-y-5">
          <section>
            <h3 className="mb-1 text-sm font-semibold">Used by</h3>
            <Users users={detail.data.used_by} />
          </section>
          <section>
            <h3 className="mb-1 text-sm font-semibold">Editions</h3>
            <ul className="space-y-2 text-sm">
              {detail.data.editions.map((edition, at) => (
                <li key={edition.edition}>
                  <span className="font-medium">{edition.version}</span>
                  <span className="text-muted">
                    {" · "}
                    <Moment at={edition.installed_at} />
                    {edition.installed_by ? ` · ${edition.installed_by}` : ""}
                    {at === 0 ? " · current" : " · kept for workflows that were published with it"}
                  </span>
                  {edition.changes.length > 0 ? (
                    <ul className="list-disc pl-5 text-muted">
                      {edition.changes.slice(0, 12).map((change) => (
                        <li key={change}>{change}</li>
                      ))}
                    </ul>
                  ) : null}
                </li>
              ))}
            </ul>
          </section>
          <section>
            <div className="mb-1 flex items-center justify-between">
              <h3 className="text-sm font-semibold">Manifest</h3>
              <CopyButton text={detail.data.manifest} label="Copy" />
            </div>
            <Textarea
              mono
              readOnly
              rows={14}
              aria-label="Text of the manifest"
              value={detail.data.manifest}
            />
          </section>
        </div>
      )}
    </Dialog>
  );
}
