import { useMutation, useQueryClient } from "@tanstack/react-query";
import { leadChanges } from "@/api";
import { sayError } from "@/app/say-error";
import { count } from "@/pages/accounts/words";
import { Button, toast } from "@/ui";

/** Fills an empty workspace with an example company. */
export function ExampleButton() {
  const client = useQueryClient();
  const make = useMutation({
    mutationFn: leadChanges.example,
    onSuccess: (made) => {
      toast({
        tone: "ok",
        title: "The example company is there",
        description: `${count(made.leads, "lead")} and ${count(made.accounts, "account")}, with rules and a pair of duplicates.`,
      });
      void client.invalidateQueries();
    },
    onError: sayError("The example was not made"),
  });
  return (
    <Button icon="building" busy={make.isPending} onClick={() => make.mutate()}>
      Add an example company
    </Button>
  );
}
