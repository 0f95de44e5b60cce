/** Sends an answer. The card leaves at once; it comes back when the server did not take the answer. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { ANSWERED_ALREADY, ApiError, type InboxItem, type InboxPage, inboxApi, inboxKeys, keys } from "@/api";
import { sayError } from "@/app/say-error";
import { toast } from "@/ui";
import { type Answer, headingOf } from "./words";

export interface Answered {
  item: InboxItem;
  answer: Answer;
  note: string;
}

const LISTS = { queryKey: ["inbox", "list"] } as const;

export function useAnswer(onGone?: (item: InboxItem) => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: ({ item, answer, note }: Answered) =>
      inboxApi.answer(item.id, { port: answer.port, ...(note.trim() ? { note: note.trim() } : {}) }),
    onMutate: async ({ item }) => {
      // An answer to an older read must not bring the card back.
      await client.cancelQueries(LISTS);
      const before = client.getQueriesData<InboxPage>(LISTS);
      const count = client.getQueryData<number>(inboxKeys.count);
      onGone?.(item);
      client.setQueriesData<InboxPage>(LISTS, (page) => page && without(page, item.id));
      if (count !== undefined) client.setQueryData(inboxKeys.count, Math.max(0, count - 1));
      return { before, count };
    },
    onSuccess: (_, { item, answer }) => {
      toast({
        tone: "ok",
        title: `Answered: ${answer.label}`,
        description: `The run of “${item.subject || item.workflow_name}” goes on.`,
      });
    },
    onError: (error, { item }, context) => {
      if (error instanceof ApiError && (error.code === ANSWERED_ALREADY || error.status === 409)) {
        toast({
          title: `“${headingOf(item)}” was answered already`,
          description: "Somebody else was faster, or its time was up. Nothing was changed by your answer.",
          code: error.code,
        });
        return;
      }
      for (const [key, page] of context?.before ?? []) client.setQueryData(key, page);
      client.setQueryData(inboxKeys.count, context?.count);
      sayError("Your answer was not kept")(error);
    },
    onSettled: (_data, _error, { item }) => {
      void client.invalidateQueries({ queryKey: inboxKeys.all });
      void client.invalidateQueries({ queryKey: keys.run(item.run_id) });
    },
  });
}

function without(page: InboxPage, id: string): InboxPage {
  const items = page.items.filter((item) => item.id !== id);
  return { ...page, items, count: page.count - (page.items.length - items.length) };
}
