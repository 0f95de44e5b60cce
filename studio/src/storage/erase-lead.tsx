/** "Delete this person's data…": says what will go and what will not, asks for a word typed, shows the proof. */
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { type Erasure, keys, type Lead, storageApi, storageKeys, type Told, tell } from "@/api";
import { inboxKeys } from "@/api/inbox";
import { dateTime } from "@/app/time";
import { Button, CopyButton, Dialog, ErrorCode, Field, Icon, Input } from "@/ui";
import { countInWords, leftInFiles, leftInWorkflows, whatWent } from "./erasure-words";

interface EraseLeadProps {
  readonly lead: Pick<Lead, "id" | "name" | "email">;
  readonly onClose: () => void;
}

export function EraseLead({ lead, onClose }: EraseLeadProps) {
  const client = useQueryClient();
  const navigate = useNavigate();
  const [typed, setTyped] = useState("");
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<Told | null>(null);
  const [done, setDone] = useState<Erasure | null>(null);
  const name = lead.name || lead.email || "this person";
  const word = wordToType(lead);

  const erase = async () => {
    setBusy(true);
    setFailed(null);
    try {
      setDone(await storageApi.erase(lead.id));
    } catch (error) {
      setFailed(tell(error));
    } finally {
      setBusy(false);
    }
  };
  const leave = async () => {
    onClose();
    if (!done) return;
    await navigate({ to: "/leads" });
    // Only now: reading the lead again while its page is open would say that it is missing.
    client.removeQueries({ queryKey: keys.lead(lead.id) });
    for (const queryKey of [keys.leads, keys.runs, storageKeys.erasures, storageKeys.storage, inboxKeys.all])
      void client.invalidateQueries({ queryKey });
  };

  if (done) {
    return (
      <Dialog
        open
        onOpenChange={(open) => !open && void leave()}
        title="The data is deleted"
        description={`Done ${dateTime(done.at)}. This is all there was:`}
        footer={
          <Button variant="primary" onClick={() => void leave()}>
            Done
          </Button>
        }
      >
        <Result erasure={done} />
      </Dialog>
    );
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && !busy && onClose()}
      title={`Delete all data of ${name}?`}
      description="For people who ask to be forgotten. This cannot be undone."
      footer={
        <>
          <Button disabled={busy} onClick={onClose}>
            Cancel
          </Button>
          <Button
            variant="danger"
            icon="trash"
            busy={busy}
            disabled={!isSame(typed, word)}
            onClick={() => void erase()}
          >
            Delete for good
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <div>
          <h3 className="mb-1 text-xs font-semibold text-muted">What goes</h3>
          <ul className="flex flex-col gap-1">
            <Goes>The record with every field, its timeline, its owner and its places on lists</Goes>
            <Goes>Every run about this person, with all it read and wrote, and runs kept as tests</Goes>
            <Goes>
              Uploaded files that hold the address, and the person’s rows in imports and data tables
            </Goes>
            <Goes>The address wherever records of others, accounts and rules quote it</Goes>
          </ul>
        </div>
        <div>
          <h3 className="mb-1 text-xs font-semibold text-muted">What stays</h3>
          <ul className="flex flex-col gap-1 text-muted">
            <li>
              A line that says when and by whom it was done, with a fingerprint from which the address cannot
              be read.
            </li>
            <li>
              What workflows told other systems, and backups made before. Those have to be dealt with there.
            </li>
          </ul>
        </div>
        <Field
          label={
            <>
              Type <span className="font-mono text-text">{word}</span> to confirm
            </>
          }
        >
          {(control) => (
            <Input
              {...control}
              value={typed}
              autoComplete="off"
              spellCheck={false}
              onChange={(event) => setTyped(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === "Enter" && isSame(typed, word) && !busy) void erase();
              }}
            />
          )}
        </Field>
        {failed ? (
          <p role="alert" className="flex items-start gap-1.5 rounded-lg bg-bad-soft px-3 py-2 text-bad">
            <Icon name="error" size={16} className="mt-0.5" />
            <span>
              {failed.detail || failed.title} {failed.action}{" "}
              {failed.code ? <ErrorCode code={failed.code} /> : null}
            </span>
          </p>
        ) : null}
      </div>
    </Dialog>
  );
}

function Goes({ children }: { children: string }) {
  return (
    <li className="flex items-start gap-2">
      <Icon name="trash" size={15} className="mt-0.5 text-bad" />
      <span>{children}</span>
    </li>
  );
}

function Result({ erasure }: { erasure: Erasure }) {
  const gone = whatWent(erasure);
  const left = leftInFiles(erasure);
  const naming = leftInWorkflows(erasure);
  return (
    <div className="flex flex-col gap-4">
      <ul className="flex flex-col gap-1">
        {gone.map((count) => (
          <li key={count.table} className="flex items-center gap-2">
            <Icon name="done" size={15} className="text-ok" />
            {countInWords(count)}
          </li>
        ))}
      </ul>
      {naming > 0 ? (
        <p className="flex items-start gap-1.5 rounded-lg bg-warn-soft px-3 py-2 text-warn">
          <Icon name="warning" size={16} className="mt-0.5" />
          {naming === 1 ? "One workflow names" : `${naming.toLocaleString("en")} workflows name`} the address
          in a draft or a version, which stays because runs go by it. Take the address out, or delete the
          workflow.
        </p>
      ) : null}
      {left > 0 ? (
        <p className="flex items-start gap-1.5 rounded-lg bg-warn-soft px-3 py-2 text-warn">
          <Icon name="warning" size={16} className="mt-0.5" />
          The address can still be found {left === 1 ? "once" : `${left.toLocaleString("en")} times`} in the
          files of the database, where it is in use by something else. It goes when that goes.
        </p>
      ) : null}
      <div className="rounded-lg bg-sunken p-3">
        <div className="flex items-center gap-2">
          <h3 className="flex-1 text-xs font-semibold text-muted">Proof</h3>
          <CopyButton text={erasure.proof} label="Copy" />
        </div>
        <p className="mt-1 font-mono text-xs break-all">{erasure.proof}</p>
        <p className="mt-2 text-xs text-muted">
          A fingerprint of the e-mail address. Whoever has the address can check it against this line; nobody
          can read the address from it. It stays under Settings, People deleted on request.
        </p>
      </div>
    </div>
  );
}

/** What has to be typed: the address, so that nobody deletes the wrong one of two people with the same name. */
export function wordToType({ email, name }: EraseLeadProps["lead"]): string {
  return email || name || "delete";
}

function isSame(typed: string, word: string): boolean {
  return typed.trim().toLowerCase() === word.trim().toLowerCase();
}
