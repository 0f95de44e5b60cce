import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { enrichment, type Waterfall } from "@/api";
import { sayError } from "@/app/say-error";
import { LeadPicker } from "@/rules/lead-picker";
import { Button, Card, Chip } from "@/ui";
import { amount, callsIn } from "./model";
import { FilledList, TraceList } from "./trace-list";

const OUTCOMES = {
  filled: { words: "Would be filled", tone: "ok" },
  complete: { words: "Nothing is missing", tone: "ok" },
  not_found: { words: "Not found", tone: "warn" },
} as const;

/** Tries what is written here on one lead: providers are asked, and the lead stays as it is. */
export function TryCard({ id, waterfall }: { id: string; waterfall: Waterfall }) {
  const client = useQueryClient();
  const [lead, setLead] = useState("");
  const attempt = useMutation({
    mutationFn: () => enrichment.attempt(id, waterfall, lead),
    onSuccess: () => client.invalidateQueries({ queryKey: enrichment.spendingKey(id) }),
    onError: sayError("The enrichment was not tried"),
  });
  const tried = attempt.data;
  return (
    <Card
      title="Try with a lead"
      aside={
        <span className="flex items-center gap-2">
          <LeadPicker value={lead} onChange={setLead} />
          <Button size="small" icon="play" busy={attempt.isPending} onClick={() => attempt.mutate()}>
            Try
          </Button>
        </span>
      }
    >
      {tried ? (
        <div className="space-y-3" role="status">
          <p className="flex flex-wrap items-center gap-2">
            <Link
              to="/leads/$id"
              params={{ id: tried.lead_id }}
              className="rounded-sm font-medium text-accent-text hover:underline"
            >
              {tried.lead_name}
            </Link>
            <Chip tone={OUTCOMES[tried.outcome].tone}>{OUTCOMES[tried.outcome].words}</Chip>
            <span className="text-muted">
              {callsIn(tried.asked)}, {amount(tried.cost, tried.currency)}
            </span>
          </p>
          {tried.trace.length > 0 ? <TraceList trace={tried.trace} currency={tried.currency} /> : null}
          {tried.filled.length > 0 ? <FilledList filled={tried.filled} /> : null}
          {tried.missing.length > 0 ? (
            <p className="text-muted">Still missing: {tried.missing.join(", ")}.</p>
          ) : null}
        </div>
      ) : (
        <p className="text-muted">
          Asks the providers as they stand here, saved or not, and shows what each said. The lead is not
          changed; calls are paid and counted, and answers are remembered.
        </p>
      )}
    </Card>
  );
}
