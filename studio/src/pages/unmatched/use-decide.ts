import { useMutation, useQueryClient } from "@tanstack/react-query";
import { accountKeys, accountsApi, type Decide, type Decided, keys } from "@/api";
import { sayError } from "@/app/say-error";
import { toast } from "@/ui";

interface Deciding extends Decide {
  /** What the toast says of it: "Ada belongs to Acme". */
  said: string;
}

/** Carries a decision out, says so, and offers to take it back. */
export function useDecide(onDone: (done: Decided, asked: Deciding) => void = () => {}) {
  const client = useQueryClient();
  const renew = () =>
    Promise.all([
      client.invalidateQueries({ queryKey: accountKeys.matches }),
      client.invalidateQueries({ queryKey: accountKeys.all }),
      client.invalidateQueries({ queryKey: keys.leads }),
    ]);
  const back = useMutation({
    mutationFn: (leads: readonly string[]) =>
      accountsApi.decide({ decision: "back", leads: leads.map((lead_id) => ({ lead_id })) }),
    onSuccess: async () => {
      await renew();
      toast({ title: "Taken back" });
    },
    onError: sayError("It was not taken back"),
  });
  const decide = useMutation({
    mutationFn: ({ said: _said, ...body }: Deciding) => accountsApi.decide(body),
    onSuccess: async (done, asked) => {
      onDone(done, asked);
      await renew();
      const failed = done.failed[0];
      if (failed) {
        toast({
          tone: "bad",
          title: done.failed.length === 1 ? "One lead stayed" : `${done.failed.length} leads stayed`,
          description: failed.message,
        });
      }
      if (done.done.length > 0) {
        const learned = done.learned.length > 0 ? `Learned ${done.learned.join(", ")}.` : undefined;
        toast({
          tone: "ok",
          title: asked.said,
          ...(learned ? { description: learned } : {}),
          ...(asked.decision === "back"
            ? {}
            : { action: { label: "Undo", onSelect: () => back.mutate(done.done) } }),
        });
      }
    },
    onError: sayError("Nothing was decided"),
  });
  return { decide, back };
}
