/** What came out of a step: in the watched run, in its last test, from its pinned sample, or as an example. */
import type { StepError } from "@/api";
import { timeWords } from "@/canvas";
import { sampleOf } from "@/document/available-data";
import { setSample } from "@/document/commands";
import { DEFAULT_PORT, type Json, type Step, type StepId } from "@/document/types";
import { OutputPanel } from "@/forms";
import { Button, EmptyState } from "@/ui";
import { useDocument, useEditor, useSession } from "./editor-context";
import { frameOf } from "./run-follower";
import { SampleEditor } from "./sample-editor";

interface Shown {
  title: string;
  value: Json;
  error?: StepError | undefined;
  note?: string | undefined;
}

export function OutputTab({ id, step }: { id: StepId; step: Step }) {
  const { documents, kinds } = useEditor();
  const document = useDocument();
  const outputs = useSession((state) => state.outputs);
  const pin = (value: unknown) => documents.getState().edit(setSample, { id, sample: value });
  const observed = useObserved(id);
  const trigger = kinds[step.kind]?.category === "trigger";
  const pinned = document.samples?.[id];
  const { sample, origin } = sampleOf(document, kinds, outputs, id, step);
  const shown = observed ?? (sample === undefined ? null : { title: ORIGIN_TITLES[origin], value: sample });
  return (
    <div className="flex flex-col gap-3">
      {pinned === undefined ? null : (
        <div className="flex items-center gap-2 rounded-lg bg-lead-soft px-3 py-2 text-sm text-lead-text">
          <span className="flex-1">A sample is pinned: previews and tests use it. Runs never do.</span>
          <Button
            size="small"
            onClick={() => documents.getState().edit(setSample, { id, sample: undefined })}
          >
            Unpin
          </Button>
        </div>
      )}
      {shown ? (
        <OutputPanel
          title={shown.title}
          value={shown.value}
          {...(observed ? {} : { origin })}
          {...(origin === "pinned" && !observed ? {} : { onPin: pin })}
          {...("error" in shown && shown.error ? { error: shown.error } : {})}
          {...("note" in shown && shown.note ? { note: shown.note } : {})}
        />
      ) : (
        <EmptyState icon="bolt" title="Nothing came out yet">
          Press “Test step” or run the draft; what comes out is shown here and later steps can use it.
        </EmptyState>
      )}
      <SampleEditor key={id} id={id} value={pinned ?? sample} trigger={trigger} />
    </div>
  );
}

const ORIGIN_TITLES = {
  pinned: "Pinned sample",
  run: "From the last run",
  example: "Example",
  none: "Output",
} as const;

/** The run on the canvas wins over the last test. */
function useObserved(id: StepId): Shown | null {
  const watching = useSession((state) => state.watching);
  const path = useSession((state) => state.path);
  const test = useSession((state) => state.tests[id]);
  const run = watching?.run;
  if (run) {
    const frame = frameOf(run, path);
    const seen = run.steps.find((one) => one.step === id && one.frame === frame);
    if (!seen || (seen.output === undefined && !seen.error)) return null;
    return {
      title: "In this run",
      value: seen.output,
      error: seen.error ?? undefined,
      note: seen.why ?? undefined,
    };
  }
  if (!test) return null;
  const left = test.port && test.port !== DEFAULT_PORT ? `, leaves by “${test.port}”` : "";
  const time = `Tested in ${timeWords(test.duration_us / 1000)}${left}`;
  return {
    title: "Test",
    value: test.output,
    error: test.error ?? undefined,
    note: [test.why, test.note, `${time}.`].filter(Boolean).join(" "),
  };
}
