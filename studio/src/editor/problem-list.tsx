/** Problems of a document, each with what to do; pressing one leads to its step, or to the workflow's settings. */
import { clsx } from "clsx";
import { findStep } from "@/document/graph";
import type { Problem, StepId, WorkflowDocument } from "@/document/types";
import { Icon } from "@/ui";
import { useEditor } from "./editor-context";

interface ProblemListProps {
  problems: readonly Problem[];
  document: WorkflowDocument;
  onGo(step: StepId): void;
}

export function ProblemList({ problems, document, onGo }: ProblemListProps) {
  const ordered = [...problems].sort(
    (a, b) => Number(a.severity === "warning") - Number(b.severity === "warning"),
  );
  return (
    <ul className="flex max-h-64 flex-col gap-1.5 overflow-y-auto">
      {ordered.map((problem) => (
        <li key={`${problem.code} ${problem.step ?? ""} ${problem.field ?? ""} ${problem.message}`}>
          <Entry problem={problem} document={document} onGo={onGo} />
        </li>
      ))}
    </ul>
  );
}

function Entry({
  problem,
  document,
  onGo,
}: { problem: Problem } & Pick<ProblemListProps, "document" | "onGo">) {
  const { session } = useEditor();
  const { step, severity, message, action, code } = problem;
  const ofSettings = problem.field?.startsWith("/settings/") === true && !step;
  const title = ofSettings
    ? "Workflow settings"
    : step === undefined
      ? undefined
      : findStep(document, step)?.step.title;
  const content = (
    <>
      <Icon
        name={severity === "error" ? "error" : "warning"}
        size={16}
        label={severity === "error" ? "Error" : "Warning"}
        className={clsx("mt-px", severity === "error" ? "text-bad" : "text-warn")}
      />
      <span className="min-w-0 flex-1 text-sm">
        {title ? <span className="font-medium">{title}: </span> : null}
        {title ? ended(message) : capitalised(ended(message))} <span className="text-muted">{action}</span>
      </span>
      <span className="shrink-0 font-mono text-2xs text-faint">{code}</span>
    </>
  );
  const look = "flex w-full items-start gap-2 rounded-lg border border-border px-2.5 py-2 text-left";
  const go = ofSettings
    ? () => session.getState().patch({ dialog: "settings" })
    : step !== undefined && title !== undefined
      ? () => onGo(step)
      : null;
  if (!go) return <div className={look}>{content}</div>;
  return (
    <button type="button" onClick={go} className={clsx(look, "hover:bg-hover")}>
      {content}
    </button>
  );
}

/** Messages may come without a full stop; here another sentence follows. */
function ended(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
