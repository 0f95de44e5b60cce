import { Link } from "@tanstack/react-router";
import { type Lead, useAccount } from "@/api";
import { Card } from "@/ui";

/** The company a lead works for, and why that is known. */
export function AccountCard({ lead }: { lead: Lead }) {
  return (
    <Card title="Account">
      {lead.account_id ? (
        <Matched id={lead.account_id} reason={lead.account_reason ?? null} />
      ) : (
        <p className="text-muted">
          Not matched. The step “Match to account” looks for it; what it is not sure of waits under{" "}
          <Link to="/unmatched" className="font-medium text-accent-text hover:underline">
            Unmatched
          </Link>
          .
        </p>
      )}
    </Card>
  );
}

function Matched({ id, reason }: { id: string; reason: string | null }) {
  const account = useAccount(id);
  return (
    <>
      <Link
        to="/accounts/$id"
        params={{ id }}
        className="rounded-sm text-base font-medium text-accent-text hover:underline"
      >
        {account.data?.name ?? "Open the account"}
      </Link>
      <p className="text-muted">{reason ?? "Why is not recorded."}</p>
    </>
  );
}
