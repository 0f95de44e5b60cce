import type { Rule } from "@/api";
import { Chip } from "@/ui";

/** Version and whether the draft says something else; the name where the page is not called by it. */
export function RuleStatus({ rule, saved }: { rule: Rule; saved: boolean }) {
  const { kind, version, changes } = rule;
  return (
    <>
      {kind === "scoring_model" ? <span className="truncate font-medium">{rule.name}</span> : null}
      {version === null ? (
        <Chip tone="warn">Draft · not in force</Chip>
      ) : changes.length > 0 ? (
        <Chip tone="warn">
          v{version} · {changes.length === 1 ? "1 change" : `${changes.length} changes`}
        </Chip>
      ) : (
        <Chip tone="ok">v{version} in force</Chip>
      )}
      <span role="status" className="text-sm text-muted">
        {saved ? "Saved" : "Saving…"}
      </span>
    </>
  );
}
