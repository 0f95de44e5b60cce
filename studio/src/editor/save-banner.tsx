/** Says across the page when a save needs a person: someone else's edits, or a draft the server does not take. */
import type { ReactNode } from "react";
import { sayError } from "@/app/say-error";
import { ago } from "@/app/time";
import { changesBetween } from "@/document/compare";
import { Button, ErrorCode, Icon } from "@/ui";
import { useDocument, useEditor, useSaveState } from "./editor-context";

export function SaveBanner() {
  const { status, theirs, refusal } = useSaveState((state) => state);
  if (status === "conflict" && theirs) return <Conflict />;
  if (status !== "refused" || !refusal) return null;
  return (
    <Banner>
      <span className="min-w-0 flex-1">
        <b className="font-semibold">{refusal.title}.</b> {refusal.detail} {refusal.action} Your edits are
        kept here. {refusal.code ? <ErrorCode code={refusal.code} /> : null}
      </span>
      <Retry />
    </Banner>
  );
}

function Retry() {
  const { autosave } = useEditor();
  return <Button onClick={() => void autosave.flush()}>Try again</Button>;
}

function Conflict() {
  const { autosave, documents, session, kinds } = useEditor();
  const theirs = useSaveState((state) => state.theirs);
  const mine = useDocument();
  if (!theirs) return null;
  const changes = changesBetween(mine, theirs.draft, kinds);
  const take = () => {
    const document = autosave.takeTheirs();
    if (!document) return;
    documents.getState().open(document);
    session.getState().enter([]);
  };
  return (
    <Banner>
      <span className="min-w-0 flex-1">
        <b className="font-semibold">This workflow was changed elsewhere</b> {ago(theirs.updated_at)}, in
        another tab or by someone else. Theirs differs from yours: {inShort(changes)}. Nothing is lost until
        you choose.
      </span>
      <Button onClick={take}>Take theirs</Button>
      <Button
        variant="primary"
        onClick={() => void autosave.keepMine().catch(sayError("Your edits were not saved"))}
      >
        Keep mine
      </Button>
    </Banner>
  );
}

function inShort(changes: readonly string[]): string {
  if (changes.length === 0) return "only in where boxes stand or in samples";
  const shown = changes.slice(0, 3).join("; ");
  return changes.length > 3 ? `${shown}; and ${changes.length - 3} more` : shown;
}

function Banner({ children }: { children: ReactNode }) {
  return (
    <div
      role="alert"
      className="flex items-center gap-3 border-b border-warn-line bg-warn-soft px-4 py-2 text-sm text-text"
    >
      <Icon name="warning" className="text-warn" />
      {children}
    </div>
  );
}
