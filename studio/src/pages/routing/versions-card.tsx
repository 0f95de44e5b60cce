import { type RoutingTable, useRulebookVersions } from "@/api";
import { Moment } from "@/app/moment";
import { Button, Card } from "@/ui";

/** What was published, and what each version changed of the one before. */
export function VersionsCard({ id, onTake }: { id: string; onTake: (table: RoutingTable) => void }) {
  const versions = useRulebookVersions("routing_table", id);
  const items = versions.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Card title="Versions">
      <ul className="space-y-3">
        {items.map((version) => (
          <li key={version.version}>
            <p className="flex flex-wrap items-center gap-2">
              <b className="font-medium">Version {version.version}</b>
              <span className="text-muted">
                {version.published_by ?? "somebody"}, <Moment at={version.published_at} />
              </span>
              <Button size="small" onClick={() => onTake(version.document as RoutingTable)}>
                Take into the draft
              </Button>
            </p>
            <ul className="mt-1 space-y-0.5">
              {version.added.map((sentence) => (
                <li key={sentence} className="text-ok">
                  + {sentence}
                </li>
              ))}
              {version.removed.map((sentence) => (
                <li key={sentence} className="text-bad">
                  − {sentence}
                </li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </Card>
  );
}
