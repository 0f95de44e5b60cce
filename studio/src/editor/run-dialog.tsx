/** Starting a run by hand: which trigger, with which event, of the draft or of the live version. */
import { useState } from "react";
import { ApiError, api } from "@/api";
import { sayError } from "@/app/say-error";
import type { Problem, StepId } from "@/document/types";
import { Button, Dialog, Field, Segmented, Select, Textarea } from "@/ui";
import { useDocument, useEditor } from "./editor-context";
import { ProblemList } from "./problem-list";
import { usePublication } from "./publication";
import { parseJson } from "./sample-editor";
import { payloadOf, triggersOf } from "./triggers";

export function RunDialog({ onClose }: { onClose(): void }) {
  const { workflow, kinds, autosave, session, actions } = useEditor();
  const document = useDocument();
  const publication = usePublication();
  // With nothing changed since the last version there is no draft of its own to try.
  const [live, setLive] = useState(publication.version !== null && publication.changes.length === 0);
  const source = live && publication.document ? publication.document : document;
  const triggers = triggersOf(source, kinds);
  const [chosen, setChosen] = useState<StepId>(triggers[0]?.id ?? "");
  const trigger = triggers.find(({ id }) => id === chosen) ?? triggers[0];
  const [edited, setEdited] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [inTheWay, setInTheWay] = useState<readonly Problem[]>([]);
  const text = edited ?? JSON.stringify(trigger ? payloadOf(document, kinds, trigger) : {}, null, 2);
  const parsed = parseJson(text);

  const start = async () => {
    if (!parsed.ok || !trigger) return;
    setBusy(true);
    setInTheWay([]);
    try {
      if (!live && !(await autosave.flush())) {
        sayError("The draft did not run")(new Error("It has to be saved first, and that did not work yet."));
        return;
      }
      const errors = autosave.state.getState().problems.filter(({ severity }) => severity === "error");
      if (!live && errors.length > 0) {
        setInTheWay(errors);
        return;
      }
      const { run_id } = await api.startRun(workflow, {
        trigger: trigger.id,
        payload: parsed.value,
        draft: !live,
      });
      session.getState().patch({
        dialog: null,
        palette: null,
        tab: "output",
        watching: { id: run_id, run: null, playing: true },
      });
    } catch (error) {
      if (error instanceof ApiError && error.problems.length > 0) setInTheWay(error.problems);
      else sayError(live ? "The sample was not sent" : "The draft did not run")(error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={live ? "Send a sample to the live version" : "Run the draft"}
      description={
        live
          ? "The published version handles it like a real event: leads are stored and assigned."
          : "The draft runs as it stands on the canvas. Its steps really write: leads are stored and assigned."
      }
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            autoFocus
            variant="primary"
            icon={live ? "send" : "play"}
            busy={busy}
            disabled={!parsed.ok || !trigger}
            onClick={start}
          >
            {live ? "Send the sample" : "Run draft"}
          </Button>
        </>
      }
    >
      {trigger ? (
        <div className="flex flex-col gap-3.5">
          {inTheWay.length > 0 ? (
            <section role="alert" aria-label="Problems">
              <h3 className="mb-1.5 text-xs font-semibold text-bad">
                It cannot run before this is put right
              </h3>
              <ProblemList
                problems={inTheWay}
                document={document}
                onGo={(step) => {
                  onClose();
                  actions.goTo(step);
                }}
              />
            </section>
          ) : null}
          {publication.version === null ? null : (
            <Segmented
              label="What runs"
              value={live ? "live" : "draft"}
              onValueChange={(value) => setLive(value === "live")}
              options={[
                { value: "draft", label: "The draft" },
                { value: "live", label: `Version ${publication.version}` },
              ]}
            />
          )}
          {triggers.length > 1 ? (
            <Field label="Started by">
              {(control) => (
                <Select
                  {...control}
                  value={trigger.id}
                  onValueChange={(id) => {
                    setChosen(id);
                    setEdited(null);
                  }}
                  options={triggers.map(({ id, title }) => ({ value: id, label: title }))}
                />
              )}
            </Field>
          ) : null}
          <Field
            label={`The event, as “${trigger.title}” would receive it`}
            help="Taken from the pinned sample, or else from the trigger's example. Change it freely."
            error={parsed.ok ? undefined : parsed.message}
          >
            {(control) => (
              <Textarea
                {...control}
                mono
                rows={13}
                value={text}
                spellCheck={false}
                onChange={(event) => setEdited(event.target.value)}
                onKeyDown={(event) => {
                  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void start();
                }}
              />
            )}
          </Field>
        </div>
      ) : (
        <p className="text-muted">
          Nothing starts this workflow yet. Add a trigger first: press Tab on the canvas and choose one.
        </p>
      )}
    </Dialog>
  );
}
