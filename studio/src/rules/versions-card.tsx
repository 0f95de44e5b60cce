import { type Rule, useRuleVersions } from "@/api";
import { Moment } from "@/app/moment";
import { QueryError } from "@/app/query-error";
import { Button, Card } from "@/ui";
import type { Draft } from "./use-draft";

/** What was in force and when, each version with what it changed. */
export function VersionsCard({ rule, draft }: { rule: Rule; draft: Draft }) {
  const versions = useRuleVersions(rule.kind, rule.id, rule.version);
  if (rule.version === null) return null;
  return (
    <Card title="Versions">
      {versions.isError ? (
        <QueryError error={versions.error} onRetry={() => void versions.refetch()} />
      ) : null}
      <ol className="flex flex-col divide-y divide-border">
        {versions.data?.map((version) => (
          <li key={version.version} className="py-2.5 first:pt-0 last:pb-0">
            <div className="flex flex-wrap items-baseline gap-x-2 text-sm">
              <span className="font-semibold">v{version.version}</span>
              <span className="text-muted">
                <Moment at={version.published_at} />
                {version.published_by ? ` by ${version.published_by}` : ""}
              </span>
              {version.version === rule.version ? <span className="text-ok">in force</span> : null}
              <Button
                size="small"
                variant="ghost"
                className="ml-auto"
                onClick={() => draft.set(version.document)}
                aria-label={`Put version ${version.version} into the draft`}
              >
                Use as draft
              </Button>
            </div>
            {version.note ? <p className="text-sm">{version.note}</p> : null}
            <ul className="mt-0.5 text-sm text-muted">
              {version.changes.map((change) => (
                <li key={change}>{change}</li>
              ))}
            </ul>
          </li>
        ))}
      </ol>
    </Card>
  );
}
