import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type LinkProps, useNavigate } from "@tanstack/react-router";
import { type FormEvent, type ReactNode, useState } from "react";
import { type Rulebook, type RulebookKind, rulebooks, useRulebook } from "@/api";
import { Page } from "@/app/page";
import { QueryError } from "@/app/query-error";
import { sayError } from "@/app/say-error";
import { Button, ConfirmDialog, Dialog, Field, IconButton, Input, Loading, Menu, Skeleton } from "@/ui";
import { PublishButton } from "./publish-button";
import { type RulebookDraft, useRulebookDraft } from "./use-draft";
import { VersionChip } from "./version-chip";
import { VersionsCard } from "./versions-card";

/** What the editor of a kind of rulebook works on. */
export interface RulebookEdit<Draft> extends RulebookDraft<Draft> {
  book: Rulebook<Draft>;
}

interface RulebookPageProps<Draft> {
  kind: RulebookKind;
  id: string;
  /** The page that lists them. */
  list: { label: string; to: LinkProps["to"] };
  /** What one is called: "table", "policy". */
  noun: string;
  /** From when on a version counts, as a sentence. */
  counts: string;
  /** What happens when it is deleted, as a sentence. */
  loss: string;
  /** Buttons of this kind, before the others. */
  actions?: (edit: RulebookEdit<Draft>) => ReactNode;
  children: (edit: RulebookEdit<Draft>) => ReactNode;
}

/** The frame around the editor of a rulebook: loading it, saving as one types, publishing, versions, renaming, deleting. */
export function RulebookPage<Draft>(props: RulebookPageProps<Draft>) {
  const { kind, id, list, noun } = props;
  const book = useRulebook<Draft>(kind, id);
  if (book.data) return <Editor key={id} {...props} book={book.data} />;
  return (
    <Page title={startBig(noun)} crumbs={[list]}>
      {book.isError ? (
        <QueryError error={book.error} onRetry={() => void book.refetch()} />
      ) : (
        <Loading label={`Loading the ${noun}`} className="mx-auto max-w-[1200px] space-y-4">
          <Skeleton className="h-64 rounded-xl" />
        </Loading>
      )}
    </Page>
  );
}

function Editor<Draft>(props: RulebookPageProps<Draft> & { book: Rulebook<Draft> }) {
  const { book, list, counts, actions, children } = props;
  const draft = useRulebookDraft(book);
  const edit = { ...draft, book };
  return (
    <Page
      title={book.name}
      crumbs={[list]}
      status={
        <>
          <VersionChip book={book} />
          <span className="text-muted" aria-live="polite">
            {draft.saved ? "" : "Saving…"}
          </span>
        </>
      }
      actions={
        <>
          {actions?.(edit)}
          <PublishButton book={book} edit={draft} counts={counts} />
          <MoreMenu {...props} edit={draft} />
        </>
      }
    >
      <div className="mx-auto flex max-w-[1200px] flex-col gap-4">
        {children(edit)}
        <VersionsCard book={book} onTake={draft.set} />
      </div>
    </Page>
  );
}

interface MoreMenuProps<Draft> extends RulebookPageProps<Draft> {
  book: Rulebook<Draft>;
  edit: RulebookDraft<Draft>;
}

function MoreMenu<Draft>({ book, edit, list, noun, loss }: MoreMenuProps<Draft>) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [asking, setAsking] = useState<"name" | "delete" | null>(null);
  const [name, setName] = useState(book.name);
  const close = (open: boolean) => !open && setAsking(null);
  const rename = useMutation({
    mutationFn: async () => {
      const settled = await edit.settle();
      return rulebooks.save(book.kind, book.id, settled.revision, settled.draft, name.trim());
    },
    onSuccess: (saved) => {
      setAsking(null);
      client.setQueryData(rulebooks.oneKey(book.kind, book.id), saved);
      void client.invalidateQueries({ queryKey: rulebooks.listKey(book.kind), exact: true });
    },
    onError: sayError("The name was not changed"),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) rename.mutate();
  };
  return (
    <>
      <Menu
        align="end"
        trigger={<IconButton icon="more" label={`More for ${book.name}`} noTooltip />}
        entries={[
          {
            label: "Rename…",
            icon: "pencil",
            onSelect: () => {
              setName(book.name);
              setAsking("name");
            },
          },
          "separator",
          { label: "Delete…", icon: "trash", danger: true, onSelect: () => setAsking("delete") },
        ]}
      />
      <Dialog
        open={asking === "name"}
        onOpenChange={close}
        width="small"
        title={`Rename the ${noun}`}
        description="Workflows find it by its name: change the steps that use it as well."
        footer={
          <>
            <Button onClick={() => setAsking(null)}>Cancel</Button>
            <Button
              type="submit"
              form="rename"
              variant="primary"
              busy={rename.isPending}
              disabled={!name.trim()}
            >
              Rename
            </Button>
          </>
        }
      >
        <form id="rename" onSubmit={submit}>
          <Field label="Name" required>
            {(control) => (
              <Input {...control} value={name} onChange={(event) => setName(event.target.value)} />
            )}
          </Field>
        </form>
      </Dialog>
      <ConfirmDialog
        open={asking === "delete"}
        onOpenChange={close}
        title={`Delete “${book.name}”?`}
        description={`${loss} Its versions are deleted with it.`}
        confirmLabel={`Delete ${noun}`}
        danger
        onConfirm={async () => {
          try {
            await rulebooks.remove(book.kind, book.id);
          } catch (error) {
            sayError(`The ${noun} was not deleted`)(error);
            throw error;
          }
          await navigate({ to: list.to });
          await client.invalidateQueries({ queryKey: rulebooks.listKey(book.kind) });
        }}
      />
    </>
  );
}

function startBig(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
