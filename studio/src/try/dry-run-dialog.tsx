/** A dry run: one event, a past event or a whole file goes through, and what would be written is shown. */
import { useState } from "react";
import { jobsApi, storageApi } from "@/api";
import type { StepId, StepKinds, WorkflowDocument } from "@/document/types";
import { parseJson } from "@/editor/sample-editor";
import { payloadOf, type Trigger, triggersOf } from "@/editor/triggers";
import { Button, Dialog, Field, Segmented, Select, Tabs, Textarea } from "@/ui";
import { FilePicker } from "./file-picker";
import { PastEvents } from "./past-events";
import { Refusal } from "./refusal";
import { type SaveFirst, useStart } from "./use-start";

interface DryRunDialogProps {
  workflow: string;
  draft: WorkflowDocument;
  /** The published document, if there is one. */
  published: WorkflowDocument | null;
  kinds: StepKinds;
  saveFirst: SaveFirst;
  onClose: () => void;
}

type Source = "event" | "past" | "file";

export function DryRunDialog({ workflow, draft, published, kinds, saveFirst, onClose }: DryRunDialogProps) {
  const [version, setVersion] = useState<"draft" | "current">("draft");
  const document = version === "current" && published ? published : draft;
  const triggers = triggersOf(document, kinds);
  const [chosen, setChosen] = useState<StepId>(triggers[0]?.id ?? "");
  const trigger = triggers.find(({ id }) => id === chosen) ?? triggers[0];
  const [source, setSource] = useState<Source>("event");
  const [edited, setEdited] = useState<string | null>(null);
  const [run, setRun] = useState<string | null>(null);
  const [file, setFile] = useState<File | null>(null);
  const { start, busy, refusal } = useStart(version === "draft" ? saveFirst : undefined);
  const text = edited ?? (trigger ? JSON.stringify(payloadOf(document, kinds, trigger), null, 2) : "{}");
  const parsed = parseJson(text);
  const ready =
    trigger !== undefined && { event: parsed.ok, past: run !== null, file: file !== null }[source];

  const begin = async () => {
    if (source === "past" && run !== null) {
      const { job } = await jobsApi.runAgain(run, { version, dry: true });
      if (!job) throw new Error("the server did not say which job it is");
      return job;
    }
    const common = { version, ...(trigger ? { trigger: trigger.id } : {}) };
    if (source === "file" && file) {
      const stored = await storageApi.upload(file);
      return jobsApi.dryRun(workflow, { ...common, file: stored.id });
    }
    return jobsApi.dryRun(workflow, { ...common, payload: parsed.ok ? parsed.value : null });
  };
  const startedBy =
    triggers.length > 1 && trigger ? (
      <TriggerField
        triggers={triggers}
        value={trigger.id}
        onChoose={(id) => {
          setChosen(id);
          setEdited(null);
        }}
      />
    ) : null;
  const go = () => void (ready && !busy && start(begin));

  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Dry run"
      description="Every step works out what it would do, and a table shows what it would write. Nothing is written; other systems are only read."
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button autoFocus variant="primary" icon="eye" busy={busy} disabled={!ready} onClick={go}>
            Show what it would do
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        {refusal ? <Refusal what="It did not start." told={refusal} /> : null}
        {trigger ? (
          <Tabs
            label="What goes in"
            value={source}
            onValueChange={(value) => setSource(value as Source)}
            aside={
              published ? (
                <Segmented
                  label="What runs"
                  value={version}
                  onValueChange={setVersion}
                  options={[
                    { value: "draft", label: "Draft" },
                    { value: "current", label: "Published version" },
                  ]}
                />
              ) : undefined
            }
            items={[
              {
                value: "event",
                label: "One event",
                content: (
                  <div className="flex flex-col gap-3">
                    {startedBy}
                    <EventField
                      trigger={trigger}
                      text={text}
                      error={parsed.ok ? undefined : parsed.message}
                      onText={setEdited}
                      onStart={go}
                    />
                  </div>
                ),
              },
              {
                value: "past",
                label: "A past event",
                content: <PastEvents workflow={workflow} value={run} onChoose={setRun} />,
              },
              {
                value: "file",
                label: "A file",
                content: (
                  <div className="flex flex-col gap-3">
                    {startedBy}
                    <FilePicker file={file} onFile={setFile} />
                  </div>
                ),
              },
            ]}
          />
        ) : (
          <p className="text-muted">Nothing starts this workflow yet. Add a trigger first.</p>
        )}
      </div>
    </Dialog>
  );
}

function TriggerField({
  triggers,
  value,
  onChoose,
}: {
  triggers: readonly Trigger[];
  value: StepId;
  onChoose: (id: StepId) => void;
}) {
  return (
    <Field label="Started by">
      {(control) => (
        <Select
          {...control}
          value={value}
          onValueChange={onChoose}
          options={triggers.map(({ id, title }) => ({ value: id, label: title }))}
        />
      )}
    </Field>
  );
}

interface EventFieldProps {
  trigger: Trigger;
  text: string;
  error: string | undefined;
  onText: (text: string) => void;
  onStart: () => void;
}

function EventField({ trigger, text, error, onText, onStart }: EventFieldProps) {
  return (
    <Field
      label={`The event, as “${trigger.title}” would receive it`}
      help="Taken from the pinned sample, or else from the trigger's example. Change it freely. Ctrl+Enter starts."
      error={error}
    >
      {(control) => (
        <Textarea
          {...control}
          mono
          rows={12}
          value={text}
          spellCheck={false}
          onChange={(event) => onText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) onStart();
          }}
        />
      )}
    </Field>
  );
}
