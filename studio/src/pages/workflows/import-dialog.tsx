import { type ChangeEvent, type DragEvent, type ReactNode, useRef, useState } from "react";
import { ApiError, api, type Problem, tell } from "@/api";
import { Button, Dialog, ErrorCode, Field, Textarea } from "@/ui";
import { readDocument } from "./read-document";
import { useOpenWorkflow } from "./use-open-workflow";

/** Larger files are refused before they are read, in bytes. */
const LARGEST = 4 * 1024 * 1024;

interface ImportDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
}

/** Makes a workflow from JSON: pasted, chosen or dropped. What is wrong is said beside the text. */
export function ImportDialog({ open, onOpenChange }: ImportDialogProps) {
  const [text, setText] = useState("");
  const [error, setError] = useState<ReactNode>();
  const [problems, setProblems] = useState<Problem[]>([]);
  const [busy, setBusy] = useState(false);
  const file = useRef<HTMLInputElement>(null);
  const openWorkflow = useOpenWorkflow();

  const change = (next: string) => {
    setText(next);
    setError(undefined);
    setProblems([]);
  };

  const read = async (chosen: File | undefined) => {
    if (!chosen) return;
    if (chosen.size > LARGEST) {
      setError("The file is larger than 4 MB; a workflow is far smaller. Choose another file.");
      return;
    }
    change(await chosen.text());
  };

  const submit = async () => {
    const result = readDocument(text);
    if (!result.ok) {
      setError(coded(result.reason, result.code));
      return;
    }
    setBusy(true);
    try {
      const workflow = await api.createWorkflow({ document: result.document });
      onOpenChange(false);
      change("");
      openWorkflow(workflow);
    } catch (reason) {
      const told = tell(reason);
      setError(coded([told.detail || told.title, told.action].filter(Boolean).join(" "), told.code));
      setProblems(reason instanceof ApiError ? reason.problems : []);
    } finally {
      setBusy(false);
    }
  };

  const drop = (event: DragEvent) => {
    if (!event.dataTransfer.files[0]) return;
    event.preventDefault();
    void read(event.dataTransfer.files[0]);
  };

  return (
    <Dialog
      open={open}
      onOpenChange={onOpenChange}
      title="Import a workflow"
      description="It arrives as a draft: nothing runs until you publish it."
      footer={
        <>
          <Button onClick={() => onOpenChange(false)}>Cancel</Button>
          <Button variant="primary" busy={busy} disabled={text.trim() === ""} onClick={submit}>
            Import
          </Button>
        </>
      }
    >
      <Field
        label="Workflow as JSON"
        help="Paste it, drop a file on the box, or choose one. “Export as JSON” makes such files."
        error={error}
        aside={
          <Button size="small" icon="upload" onClick={() => file.current?.click()}>
            Choose a file
          </Button>
        }
      >
        {(control) => (
          <Textarea
            {...control}
            mono
            rows={12}
            spellCheck={false}
            placeholder={'{ "format": 1, "name": "…", "steps": { … }, "edges": [ … ] }'}
            value={text}
            onChange={(event) => change(event.target.value)}
            onDrop={drop}
          />
        )}
      </Field>
      {problems.length > 0 ? (
        <ul className="mt-3 list-disc space-y-1 pl-5 text-sm">
          {problems.map((problem) => (
            <li key={`${problem.code} ${problem.step} ${problem.field}`}>
              {coded(problem.message, problem.code)} <span className="text-muted">{problem.action}</span>
            </li>
          ))}
        </ul>
      ) : null}
      <input
        ref={file}
        type="file"
        accept=".json,application/json"
        hidden
        onChange={(event: ChangeEvent<HTMLInputElement>) => {
          void read(event.target.files?.[0]);
          event.target.value = "";
        }}
      />
    </Dialog>
  );
}

function coded(words: string, code: string | undefined): ReactNode {
  return (
    <>
      {words} {code ? <ErrorCode code={code} /> : null}
    </>
  );
}
