import { type Rulebook, useRulebookVersions } from "@/api";
import { Moment } from "@/app/moment";
import { QueryError } from "@/app/query-error";
import { Button, Card } from "@/ui";
import { ChangesList } from "./changes-list";

interface VersionsCardProps<Draft> {
  book: Rulebook<Draft>;
  onTake: (draft: Draft) => void;
}

/** What was in force and when, and what each version changed of the one before. */
export function VersionsCard<Draft>({ book, onTake }: VersionsCardProps<Draft>) {
  const versions = useRulebookVersions(book.kind, book.id);
  if (book.version === null) return null;
  return (
    <Card title="Versions" subtitle="what each changed of the one before">
      {versions.isError ? (
        <QueryError error={versions.error} onRetry={() => void versions.refetch()} />
      ) : null}
      <ol className="divide-y divide-border">
        {versions.data?.items.map((version) => (
          <li key={version.version} className="py-2.5 first:pt-0 last:pb-0">
            <div className="flex flex-wrap items-baseline gap-x-2">
              <span className="font-semibold">v{version.version}</span>
              <span className="text-muted">
                <Moment at={version.published_at} />
                {version.published_by ? ` by ${version.published_by}` : ""}
              </span>
              {version.version === book.version ? <span className="text-ok">in force</span> : null}
              <Button
                size="small"
                variant="ghost"
                className="ml-auto"
                aria-label={`Put version ${version.version} into the draft`}
                onClick={() => onTake(version.document as Draft)}
              >
                Use as draft
              </Button>
            </div>
            {version.note ? <p className="mb-1">{version.note}</p> : null}
            <ChangesList added={version.added} removed={version.removed} />
          </li>
        ))}
      </ol>
    </Card>
  );
}
