import { tryNow, useConnection } from "@/api";
import { Button, Icon } from "@/ui";

/** Says calmly that the server is gone, and that nothing typed is lost by it. */
export function ConnectionBanner() {
  const reachable = useConnection((connection) => connection.reachable);
  return (
    // The region is always there, so that screen readers announce what appears in it.
    <div role="status">
      {reachable ? null : (
        <div className="flex items-center gap-2 border-b border-warn-line/40 bg-warn-soft px-4 py-1.5 text-sm text-warn">
          <Icon name="offline" size={16} />
          <span className="flex-1">Trunkline is not reachable. Your edits are kept here; trying again…</span>
          <Button size="small" onClick={tryNow}>
            Try now
          </Button>
        </div>
      )}
    </div>
  );
}
