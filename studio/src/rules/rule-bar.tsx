import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { jobKeys, keys, type Rule, ruleKeys, rulesApi } from "@/api";
import { sayError } from "@/app/say-error";
import { Button, Card, Dialog, Field, Input, toast } from "@/ui";
import { TrialResult } from "./trial-card";
import type { Draft } from "./use-draft";

interface PublishProps {
  readonly rule: Rule;
  readonly draft: Draft;
}

/** Puts the draft in force, after a look at what it changes. */
export function PublishButton({ rule, draft }: PublishProps) {
  const [open, setOpen] = useState(false);
  const [note, setNote] = useState("");
  const [busy, setBusy] = useState(false);
  const client = useQueryClient();
  const publish = async () => {
    setBusy(true);
    try {
      const { revision } = await draft.settle();
      const { version } = await rulesApi.publish(rule.kind, rule.id, { base_revision: revision, note });
      setOpen(false);
      setNote("");
      toast({
        tone: "ok",
        title: `Version ${version} is in force`,
        description: "Every lead is being looked at again; see Jobs for how far that is.",
      });
      await client.invalidateQueries({ queryKey: ruleKeys.all });
      void client.invalidateQueries({ queryKey: jobKeys.all });
      void client.invalidateQueries({ queryKey: keys.stages });
    } catch (error) {
      sayError("It was not published")(error);
    } finally {
      setBusy(false);
    }
  };
  const nothing = rule.changes.length === 0 && draft.saved;
  return (
    <>
      <Button
        variant="primary"
        disabled={nothing}
        onClick={() => {
          draft.settle().catch(sayError("The change was not saved"));
          setOpen(true);
        }}
      >
        Publish…
      </Button>
      <Dialog
        open={open}
        onOpenChange={setOpen}
        title={`Publish ${rule.name}`}
        description={
          rule.version === null
            ? "It will be in force for the first time."
            : `It replaces version ${rule.version}.`
        }
        footer={
          <>
            <Button onClick={() => setOpen(false)}>Cancel</Button>
            <Button
              variant="primary"
              busy={busy}
              disabled={rule.problems.length > 0}
              onClick={() => void publish()}
            >
              Publish
            </Button>
          </>
        }
      >
        <div className="flex flex-col gap-4">
          <Problems rule={rule} />
          <Sentences title={rule.version === null ? "What it says" : "What changes"} lines={rule.changes} />
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

/** What is wrong with the draft, each with what to do. */
export function Problems({ rule }: { rule: Pick<Rule, "problems"> }) {
  if (rule.problems.length === 0) return null;
  return (
    <ul role="alert" className="flex flex-col gap-1 rounded-lg bg-bad-soft px-3 py-2 text-sm">
      {rule.problems.map(({ field, message, action }) => (
        <li key={`${field} ${message}`}>
          <span className="font-medium text-bad">{startBig(message)}.</span> {action}
        </li>
      ))}
    </ul>
  );
}

/** Sentences under a heading. */
export function Sentences({ title, lines }: { title: string; lines: readonly string[] }) {
  if (lines.length === 0) return null;
  return (
    <section>
      <h3 className="mb-1 text-xs font-semibold text-muted">{title}</h3>
      <ul className="flex list-disc flex-col gap-0.5 pl-4 text-sm">
        {lines.map((line) => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </section>
  );
}

interface TrialCardProps extends PublishProps {
  readonly title: string;
  readonly button: string;
  readonly children: string;
}

/** Tries the draft on all leads, as often as one likes. */
export function TrialCard({ rule, draft, title, button, children }: TrialCardProps) {
  const [job, setJob] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const start = async () => {
    setBusy(true);
    try {
      await draft.settle();
      setJob((await rulesApi.tryAll(rule.kind, rule.id)).id);
    } catch (error) {
      sayError("It was not tried")(error);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Card
      title={title}
      aside={
        <Button size="small" icon="history" busy={busy} onClick={() => void start()}>
          {button}
        </Button>
      }
    >
      {job ? <TrialResult key={job} id={job} /> : <p className="text-sm text-muted">{children}</p>}
    </Card>
  );
}

function startBig(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
