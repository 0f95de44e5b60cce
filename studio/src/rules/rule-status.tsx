import type { Rule } from "@/api";
import { Chip } from "@/ui";

/** Name, version and whether the draft says something else. */
export function RuleStatus({ rule, saved }: { rule: Rule; saved: boolean }) {
  const { version, changes } = rule;
  return (
    <>
      <span className="truncate font-medium">{rule.name}</span>
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
