/** Making the draft live: what is wrong, what changes, a note; and afterwards where to send events. */
import { useQueryClient } from "@tanstack/react-query";
import { useCallback, useState } from "react";
import { ApiError, api, keys, type Told, tell } from "@/api";
import { countSteps } from "@/document/graph";
import { keepSecrets } from "@/document/secrets";
import type { Problem } from "@/document/types";
import { PinSection, type PinVerdict } from "@/try/pin-section";
import { Refusal } from "@/try/refusal";
import { Button, CopyButton, Dialog, Field, Icon, Textarea } from "@/ui";
import { useDocument, useEditor, useSaveState } from "./editor-context";
import { ProblemList } from "./problem-list";
import { usePublication } from "./publication";
import { useSaveFirst } from "./try-dialogs";

export function PublishDialog({ onClose }: { onClose(): void }) {
  const { workflow, autosave, documents, session, actions } = useEditor();
  const document = useDocument();
  const known = useSaveState((state) => state.problems);
  const publication = usePublication();
  const client = useQueryClient();
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const [refusedFor, setRefusedFor] = useState<readonly Problem[] | null>(null);
  const [refusal, setRefusal] = useState<Told | null>(null);
  const [done, setDone] = useState<number | null>(null);
  const problems = refusedFor ?? known;
  const errors = problems.filter(({ severity }) => severity === "error");
  const saveFirst = useSaveFirst();
  const [verdict, setVerdict] = useState<PinVerdict>({ checking: true, changed: 0 });
  // The section tells on every look; only what differs may draw the dialog anew.
  const hear = useCallback(
    (next: PinVerdict) =>
      setVerdict((before) =>
        before.changed === next.changed && before.checking === next.checking ? before : next,
      ),
    [],
  );
  const unchanged = publication.version !== null && publication.changes.length === 0;

  const publish = async () => {
    setBusy(true);
    setRefusedFor(null);
    setRefusal(null);
    try {
      if (!(await autosave.flush())) {
        setRefusal({
          title: "The draft has to be saved first, and that did not work yet.",
          detail: "",
          action: "",
        });
        return;
      }
      const base_revision = autosave.state.getState().revision;
      const { version } = await api.publish(workflow, {
        base_revision,
        ...(note.trim() ? { note: note.trim() } : {}),
      });
      await client.invalidateQueries({ queryKey: keys.workflows });
      const fresh = await api.workflow(workflow);
      autosave.state.setState({
        hooks: fresh.hooks,
        problems: fresh.problems,
        revision: fresh.draft_revision,
      });
      documents.getState().edit(keepSecrets, { stored: fresh.draft });
      setDone(version);
    } catch (error) {
      if (error instanceof ApiError && error.problems.length > 0) setRefusedFor(error.problems);
      else setRefusal(tell(error));
    } finally {
      setBusy(false);
    }
  };

  if (done !== null) return <PublishedDialog version={done} onClose={onClose} />;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={
        publication.version === null
          ? "Publish for the first time"
          : `Publish version ${publication.version + 1}`
      }
      description="From then on new events run this version. Runs under way finish on theirs."
      footer={
        <>
          <Button onClick={onClose}>{verdict.changed > 0 ? "Go back" : "Cancel"}</Button>
          <Button
            variant="primary"
            busy={busy}
            disabled={errors.length > 0 || unchanged || verdict.checking}
            onClick={publish}
          >
            {verdict.changed > 0 ? "Publish anyway" : "Publish"}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {refusal ? <Refusal what="Not published." told={refusal} /> : null}
        {problems.length > 0 ? (
          <section aria-label="Problems">
            <h3 className="mb-1.5 text-xs font-semibold text-muted">
              {errors.length > 0 ? "To put right first" : "Worth a look"}
            </h3>
            <ProblemList
              problems={problems}
              document={document}
              onGo={(step) => {
                onClose();
                actions.goTo(step);
              }}
            />
          </section>
        ) : (
          <p className="flex items-center gap-2 text-ok">
            <Icon name="done" /> No problems found
          </p>
        )}
        <section aria-label="Changes">
          <h3 className="mb-1.5 text-xs font-semibold text-muted">
            {publication.version === null ? "What goes live" : `Changes since version ${publication.version}`}
          </h3>
          <Changes
            first={publication.version === null}
            changes={publication.changes}
            steps={countSteps(document)}
          />
        </section>
        <PinSection
          workflow={workflow}
          ready={errors.length === 0 && !unchanged}
          saveFirst={saveFirst}
          onVerdict={hear}
          onManage={() => session.getState().patch({ dialog: "tests" })}
        />
        <Field label="Note" help="Why, for whoever reads the history. Optional.">
          {(control) => (
            <Textarea {...control} rows={2} value={note} onChange={(event) => setNote(event.target.value)} />
          )}
        </Field>
      </div>
    </Dialog>
  );
}

function Changes({ first, changes, steps }: { first: boolean; changes: readonly string[]; steps: number }) {
  if (first) return <p className="text-sm">{steps === 1 ? "One step" : `${steps} steps`}</p>;
  if (changes.length === 0)
    return <p className="text-sm text-muted">Nothing differs from the live version.</p>;
  return (
    <ul className="flex max-h-48 list-disc flex-col gap-1 overflow-y-auto pl-4 text-sm marker:text-faint">
      {changes.map((change) => (
        <li key={change}>{change}</li>
      ))}
    </ul>
  );
}

function PublishedDialog({ version, onClose }: { version: number; onClose(): void }) {
  const hooks = useSaveState((state) => state.hooks);
  const { session } = useEditor();
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Version ${version} is live`}
      description={
        hooks.length > 0 ? "It takes events at the address below." : "It runs when its trigger says so."
      }
      footer={
        <>
          <Button icon="send" onClick={() => session.getState().patch({ dialog: "run" })}>
            Send a sample
          </Button>
          <Button variant="primary" onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {hooks.map((hook) => (
          <section key={hook.step} aria-label={hook.kind === "form" ? "Form" : "Webhook"}>
            <div className="flex items-center gap-2">
              <code className="min-w-0 flex-1 truncate font-mono text-sm">{hook.url}</code>
              <CopyButton text={hook.url} label="Copy address" />
            </div>
            <pre className="mt-2 max-h-44 overflow-auto rounded-lg bg-sunken p-3 font-mono text-xs break-all whitespace-pre-wrap">
              {hook.curl}
            </pre>
            <CopyButton text={hook.curl} label="Copy curl" className="mt-2" />
          </section>
        ))}
      </div>
    </Dialog>
  );
}
