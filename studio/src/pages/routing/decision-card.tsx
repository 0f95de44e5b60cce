import { Link } from "@tanstack/react-router";
import { type RoutingDecision, useDecisions } from "@/api";
import { Moment } from "@/app/moment";
import { QueryError } from "@/app/query-error";
import { Card } from "@/ui";
import { DecisionView } from "./decision-view";

/**
 * Every owner a lead got, and why: the row that decided, the rows passed over, the candidates and their counters. For the
 * page of a lead; nothing is shown of a lead that never got an owner.
 */
export function DecisionCard({ lead }: { lead: string }) {
  const decisions = useDecisions({ lead });
  const [latest, ...earlier] = decisions.data ?? [];
  if (decisions.isError) {
    return (
      <Card title="Why this owner?">
        <QueryError error={decisions.error} onRetry={() => void decisions.refetch()} />
      </Card>
    );
  }
  if (!latest) return null;
  return (
    <Card title="Why this owner?" aside={<Moment at={latest.at} className="text-muted" />}>
      <Decided one={latest} />
      {earlier.length > 0 ? (
        <details className="mt-3 border-t border-border pt-2">
          <summary className="cursor-pointer rounded-sm text-sm font-medium text-accent-text">
            {earlier.length} earlier {earlier.length === 1 ? "decision" : "decisions"}
          </summary>
          <ol className="divide-y divide-border">
            {earlier.map((one) => (
              <li key={one.id} className="py-3 last:pb-0">
                <p className="mb-1 text-xs text-muted">
                  <Moment at={one.at} />
                </p>
                <Decided one={one} />
              </li>
            ))}
          </ol>
        </details>
      ) : null}
    </Card>
  );
}

function Decided({ one }: { one: RoutingDecision }) {
  return (
    <div className="space-y-2">
      <p>
        <b className="font-medium">{one.owner ?? "Nobody"}</b>
        {one.before && one.before !== one.owner ? (
          <span className="text-muted">, before: {one.before}</span>
        ) : null}
        {one.by ? <span className="text-muted">, by {one.by}</span> : null}
      </p>
      {one.decision ? (
        <DecisionView decision={one.decision} />
      ) : (
        <p>{one.why ?? "A person chose the owner."}</p>
      )}
      {one.run_id ? (
        <Link
          to="/runs/$id"
          params={{ id: one.run_id }}
          className="inline-block rounded-sm text-xs font-medium text-accent-text hover:underline"
        >
          See the run that did this
        </Link>
      ) : null}
    </div>
  );
}
