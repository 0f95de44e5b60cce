import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api, type Explained, type RoutingTable, routing } from "@/api";
import { sayError } from "@/app/say-error";
import { Button, Card, Input } from "@/ui";
import { DecisionView } from "./decision-view";

/** Says of one lead where the table would send it now, and why. */
export function ExplainCard({ table, name }: { table: RoutingTable; name: string }) {
  const [search, setSearch] = useState("");
  const ask = useMutation({
    mutationFn: async () => {
      const found = await api.leads({ search: search.trim() });
      const lead = found.items[0];
      if (!lead) throw new Error("No lead is found by this.");
      return { lead, answer: await routing.explain(table, name, lead.id) };
    },
    onError: sayError("Nothing can be said of this lead"),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (search.trim()) ask.mutate();
  };
  return (
    <Card title="Why would it go there?" subtitle="with the counters as they are now; nothing is written">
      <form onSubmit={submit} className="flex gap-2">
        <Input
          icon="search"
          className="grow"
          aria-label="Name or e-mail address of a lead"
          placeholder="Name or e-mail address of a lead"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <Button type="submit" busy={ask.isPending} disabled={!search.trim()}>
          Try
        </Button>
      </form>
      {ask.data ? (
        <Answer lead={ask.data.lead.name || ask.data.lead.email || "This lead"} answer={ask.data.answer} />
      ) : null}
    </Card>
  );
}

function Answer({ lead, answer }: { lead: string; answer: Explained }) {
  return (
    <div className="mt-3 space-y-2" aria-live="polite">
      <p className="text-base">
        <b>{lead}</b> {answer.owner ? `goes to ${answer.owner}` : `goes onto the list ${answer.list}`}.
      </p>
      <DecisionView decision={answer.decision} />
    </div>
  );
}
