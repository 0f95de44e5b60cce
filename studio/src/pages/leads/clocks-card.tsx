import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type SlaClock, serviceLevels, useLeadClocks } from "@/api";
import { sayError } from "@/app/say-error";
import { dateTime } from "@/app/time";
import { Button, Card, Chip } from "@/ui";
import { CALLED, STATE_TONES, STATE_WORDS, spell } from "../sla/clock-words";

/** The clocks that run for this lead's owner. Nothing when no service level is about it. */
export function ClocksCard({ lead }: { lead: string }) {
  const client = useQueryClient();
  const clocks = useLeadClocks(lead);
  const accept = useMutation({
    mutationFn: () => serviceLevels.accept(lead),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: serviceLevels.clocksKey(lead) });
      await client.invalidateQueries({ queryKey: ["lead"] });
    },
    onError: sayError("The lead was not accepted"),
  });
  const items = clocks.data?.items ?? [];
  const open = items.filter((clock) => clock.ended_at === null);
  const shown = open.length > 0 ? open : items.slice(0, 2);
  if (shown.length === 0) return null;
  const waits = open.some((clock) => clock.kind === "accept");
  return (
    <Card
      title="Service level"
      aside={
        waits ? (
          <Button size="small" icon="check" busy={accept.isPending} onClick={() => accept.mutate()}>
            Accept
          </Button>
        ) : null
      }
    >
      <ul className="space-y-2.5">
        {shown.map((clock) => (
          <li key={clock.id}>
            <p className="flex flex-wrap items-center gap-2">
              <span className="font-medium">{CALLED[clock.kind]}</span>
              <Chip tone={STATE_TONES[clock.state]}>{STATE_WORDS[clock.state]}</Chip>
            </p>
            <p className="text-muted">{clockSentence(clock)}</p>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function clockSentence(clock: SlaClock): string {
  const allowed = spell(clock.within * 60);
  if (clock.ended_at) {
    return `${clock.owner_name}: ${spell(clock.seconds_worked)} of working time; ${clock.policy} allows ${allowed}.`;
  }
  if (clock.due_at === null) return `Never due: ${clock.owner_name} has no working hours.`;
  const due = dateTime(clock.due_at);
  if (clock.seconds_left !== null && clock.seconds_left < 0) {
    return `${clock.owner_name} is ${spell(-clock.seconds_left)} over; it was due ${due} (${clock.policy}).`;
  }
  const resumes = clock.resumes_at ? ` Counts again ${dateTime(clock.resumes_at)}.` : "";
  return `${clock.owner_name} has ${spell(clock.seconds_left ?? 0)} of working time left, until ${due} (${clock.policy}).${resumes}`;
}
