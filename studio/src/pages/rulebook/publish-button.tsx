import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { type Rulebook, rulebooks } from "@/api";
import { sayError } from "@/app/say-error";
import { Button, Dialog, Field, Input, toast } from "@/ui";
import { ChangesList } from "./changes-list";
import { sentenceChanges } from "./sentences";
import type { RulebookDraft } from "./use-draft";

interface PublishButtonProps<Draft> {
  book: Rulebook<Draft>;
  edit: RulebookDraft<Draft>;
  /** From when on it counts, as a sentence. */
  counts: string;
}

/** Puts the draft in force, after a look at what it changes and with a reason that stays. */
export function PublishButton<Draft>({ book, edit, counts }: PublishButtonProps<Draft>) {
  const client = useQueryClient();
  const [open, setOpen] = useState(false);
  const [note, setNote] = useState("");
  const publish = useMutation({
    mutationFn: async () => {
      const settled = await edit.settle();
      return rulebooks.publish(book.kind, book.id, settled.revision, note.trim());
    },
    onSuccess: (saved) => {
      setOpen(false);
      setNote("");
      client.setQueryData(rulebooks.oneKey(book.kind, book.id), saved);
      void client.invalidateQueries({ queryKey: rulebooks.listKey(book.kind), exact: true });
      void client.invalidateQueries({ queryKey: rulebooks.versionsKey(book.id) });
      toast({
        tone: "ok",
        title: `Version ${saved.version} of ${saved.name} is in force`,
        description: counts,
      });
    },
    onError: sayError(`${book.name} was not published`),
  });
  const changes = sentenceChanges(book.published_words, book.words);
  const same = changes.added.length + changes.removed.length === 0;
  return (
    <>
      <Button
        variant="primary"
        disabled={edit.saved && !book.changed && book.version !== null}
        onClick={() => {
          edit.settle().catch(sayError("The change was not saved"));
          setOpen(true);
        }}
      >
        Publish…
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        width="large"
        title={`Publish ${book.name}`}
        description={
          book.version === null
            ? "It will be in force for the first time."
            : `It replaces version ${book.version}. ${counts}`
        }
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Cancel</Button>
            <Button
              variant="primary"
              busy={publish.isPending}
              disabled={!edit.saved || book.problems.length > 0}
              onClick={() => publish.mutate()}
            >
              Publish
            </Button>
          </>
        }
      >
        <div className="space-y-4">
          {book.problems.length > 0 ? (
            <ul role="alert" className="space-y-0.5 rounded-lg bg-bad-soft px-3 py-2 text-bad">
              {book.problems.map(({ field, message }) => (
                <li key={`${field} ${message}`}>{message}</li>
              ))}
            </ul>
          ) : null}
          <section>
            <h3 className="mb-1 text-xs font-semibold text-muted">
              {book.version === null ? "What it says" : "What changes"}
            </h3>
            {same ? (
              <p className="text-muted">
                Nothing that reads differently; notes, ids or rows that are switched off may have changed.
              </p>
            ) : (
              <ChangesList {...changes} />
            )}
          </section>
          <Field label="Why" help="Stands beside the version, for whoever looks back.">
            {(control) => (
              <Input {...control} value={note} onChange={(event) => setNote(event.target.value)} />
            )}
          </Field>
        </div>
      </Dialog>
    </>
  );
}
