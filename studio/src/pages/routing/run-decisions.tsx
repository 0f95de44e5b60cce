import { Link } from "@tanstack/react-router";
import { useDecisions } from "@/api";
import { QueryError } from "@/app/query-error";
import { Loading } from "@/ui";
import { DecisionView } from "./decision-view";

/** Most decisions of one step that are shown: a loop may have routed many leads. */
const MOST = 5;

/** What a step of a run decided about owners. */
export function RunDecisions({ run, step }: { run: string; step: string }) {
  const decisions = useDecisions({ run });
  if (decisions.isPending) return <Loading label="Loading the decision">…</Loading>;
  if (decisions.isError) {
    return <QueryError error={decisions.error} onRetry={() => void decisions.refetch()} />;
  }
  const made = decisions.data.filter((one) => one.step === step);
  if (made.length === 0) {
    return <p className="text-muted">The lead, or what it did, has been deleted since.</p>;
  }
  return (
    <ul className="space-y-3">
      {made.slice(0, MOST).map((one) => (
        <li key={one.id} className="space-y-1">
          <p>
            <Link
              to="/leads/$id"
              params={{ id: one.lead_id }}
              className="rounded-sm font-medium text-accent-text hover:underline"
            >
              {one.lead || "The lead"}
            </Link>{" "}
            went to <b className="font-medium">{one.owner ?? "nobody"}</b>
          </p>
          {one.decision ? <DecisionView decision={one.decision} /> : <p>{one.why}</p>}
        </li>
      ))}
      {made.length > MOST ? <li className="text-muted">and {made.length - MOST} more leads.</li> : null}
    </ul>
  );
}
