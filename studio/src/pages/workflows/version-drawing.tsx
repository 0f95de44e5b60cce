/** A frozen document on the canvas, to look at. A chunk of its own: it brings the canvas along. */
import { useState } from "react";
import { useStepKinds, type WorkflowDocument } from "@/api";
import { Canvas } from "@/canvas";
import { availableData } from "@/document/available-data";
import { findStep } from "@/document/graph";
import type { FramePath, StepId, StepKind } from "@/document/types";
import { useNamedThings } from "@/editor/use-named-things";
import { StepForm } from "@/forms";
import { Button, JsonView, Skeleton } from "@/ui";

interface VersionDrawingProps {
  /** Id of the workflow. */
  workflow: string;
  document: WorkflowDocument;
  /** Spoken name of the drawing. */
  label: string;
}

export default function VersionDrawing({ workflow, document, label }: VersionDrawingProps) {
  const kinds = useStepKinds().data;
  const named = useNamedThings();
  const [path, setPath] = useState<FramePath>([]);
  const [selection, setSelection] = useState<StepId[]>([]);
  const chosen = selection[0];
  const step = chosen === undefined ? undefined : findStep(document, chosen)?.step;
  // A card's ports follow from its kind; drawn without, its edges would have nowhere to start.
  if (!kinds) return <Skeleton className="h-full rounded-lg" />;
  return (
    <div className="flex h-full overflow-hidden rounded-lg border border-border">
      {/* The canvas draws its tools for adding; there is nothing to add to here. */}
      <div className="relative min-w-0 flex-1 [&_.canvas-plus]:hidden!">
        <Canvas
          document={document}
          kinds={kinds}
          named={named}
          path={path}
          mode="edit"
          label={label}
          selection={selection}
          onSelect={setSelection}
          onOpenBody={(loop) => {
            setPath([...path, loop]);
            setSelection([]);
          }}
        >
          {path.length > 0 ? (
            <Button
              size="small"
              icon="arrow-left"
              className="absolute top-2 left-2"
              onClick={() => setPath(path.slice(0, -1))}
            >
              Out of the loop
            </Button>
          ) : null}
        </Canvas>
      </div>
      {step && chosen !== undefined ? (
        <section
          aria-label={`Set-up of ${step.title}`}
          className="w-[400px] overflow-auto border-l border-border bg-surface p-4"
        >
          <h3 className="text-[14px] font-semibold">{step.title}</h3>
          <p className="mb-3 text-xs text-muted">{step.note ?? kinds[step.kind]?.summary}</p>
          {kinds[step.kind] ? (
            <StepForm
              key={chosen}
              workflowId={workflow}
              stepId={chosen}
              document={document}
              kind={kinds[step.kind] as StepKind}
              config={step.config}
              onChange={keepAsItWas}
              problems={[]}
              available={availableData({ document, kinds, path, id: chosen })}
              readOnly
            />
          ) : (
            <JsonView value={step.config} label={`Set-up of ${step.title}`} openLevels={3} />
          )}
        </section>
      ) : null}
    </div>
  );
}

/** A version is frozen: its form shows, and changes nothing. */
function keepAsItWas(): void {}
