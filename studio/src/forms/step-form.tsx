import type { DataContext } from "@/document/available-data";
import type { Problem, StepId, StepKind, WorkflowDocument } from "@/document/types";
import type { AvailableData } from "./data/available";
import { drawnPointers, messagesOfStep } from "./schema/problems";
import { SchemaFields } from "./schema/schema-fields";
import { FormScopeProvider } from "./scope";
import { Messages } from "./widgets/field-shell";

export interface StepFormProps {
  readonly workflowId: string;
  readonly stepId: StepId;
  /** With the present config in it: previews and the score's sample bar are computed from it. */
  readonly document: WorkflowDocument;
  readonly kind: StepKind;
  readonly config: Record<string, unknown>;
  readonly onChange: (config: Record<string, unknown>) => void;
  /** Of this step. Those without a field, or at a field that is not shown, stand at the top. */
  readonly problems: readonly Problem[];
  readonly available: readonly AvailableData[];
  /** Sample data; taken from `available` unless given. */
  readonly context?: DataContext | undefined;
  readonly readOnly?: boolean;
}

/** The settings of one step, drawn from its kind's schema. */
export function StepForm(props: StepFormProps) {
  const {
    workflowId,
    stepId,
    document,
    kind,
    config,
    onChange,
    problems,
    available,
    context,
    readOnly = false,
  } = props;
  const general = messagesOfStep(problems, drawnPointers(kind.schema, config));
  const empty = Object.keys(kind.schema.properties ?? {}).length === 0;
  return (
    <FormScopeProvider {...{ workflowId, stepId, document, kind, available, context, problems, readOnly }}>
      <div className="flex min-w-0 flex-col gap-4">
        <Messages messages={general} />
        {empty ? (
          <p className="text-muted">There is nothing to set up here. {kind.summary}</p>
        ) : (
          // Keyed by step, so that no half-typed text of one step shows in the next.
          <SchemaFields key={stepId} schema={kind.schema} config={config} onChange={onChange} pointer="" />
        )}
      </div>
    </FormScopeProvider>
  );
}
