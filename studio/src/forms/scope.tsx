/** What every field of one step's form can see: the data at hand, the samples, and whose step it is. */
import { createContext, type ReactNode, use, useMemo } from "react";
import { contextOf, type DataContext } from "@/document/available-data";
import type { Problem, StepId, StepKind, WorkflowDocument } from "@/document/types";
import type { AvailableData } from "./data/available";

export interface FormScope {
  readonly workflowId: string;
  readonly stepId: StepId;
  readonly document: WorkflowDocument;
  readonly kind: StepKind;
  readonly available: readonly AvailableData[];
  /** Sample data, as previews and tests are asked with. Stable while the samples are. */
  readonly context: DataContext;
  readonly problems: readonly Problem[];
  readonly readOnly: boolean;
}

const Scope = createContext<FormScope | null>(null);

/** The scope of the form around this field. */
export function useFormScope(): FormScope {
  const scope = use(Scope);
  if (!scope) throw new Error("a form field stands outside of a StepForm");
  return scope;
}

interface FormScopeProviderProps extends Omit<FormScope, "context"> {
  /** Built from the samples of `available` unless given. */
  readonly context?: DataContext | undefined;
  readonly children: ReactNode;
}

/** Gives the fields inside their scope; `StepForm` does so itself. */
export function FormScopeProvider({ children, context, ...scope }: FormScopeProviderProps) {
  const { workflowId, stepId, document, kind, available, problems, readOnly } = scope;
  const value = useMemo(
    () => ({
      workflowId,
      stepId,
      document,
      kind,
      available,
      problems,
      readOnly,
      context: context ?? contextOf(available),
    }),
    [workflowId, stepId, document, kind, available, problems, readOnly, context],
  );
  return <Scope value={value}>{children}</Scope>;
}
