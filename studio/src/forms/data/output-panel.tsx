/** What a step put out: as a tree, as a table when it is a list of records, or raw. */
import { useMemo, useState } from "react";
import type { StepError } from "@/api";
import { Button, Chip, CopyButton, EmptyState, ErrorCode, Icon, JsonView, Segmented } from "@/ui";
import { sentence } from "../sentence";
import type { SampleOrigin } from "./available";
import { tableOf } from "./table-of";
import { ValueTable } from "./value-table";

interface OutputPanelProps {
  /** "Output of Score the lead": the spoken name. */
  readonly title: string;
  /** `undefined` when nothing is known. */
  readonly value: unknown;
  readonly origin?: SampleOrigin | undefined;
  readonly error?: StepError | null | undefined;
  /** "Nothing was written", say. */
  readonly note?: string | null | undefined;
  readonly onPin?: ((value: unknown) => void) | undefined;
  /** What to do when there is nothing to show. */
  readonly emptyHint?: string;
}

type View = "tree" | "table" | "raw";

const ORIGIN_WORDS: Record<SampleOrigin, string> = {
  pinned: "Pinned sample",
  run: "From the last run",
  example: "Example",
  none: "No sample",
};

export function OutputPanel(props: OutputPanelProps) {
  const { title, value, origin, error, note, onPin, emptyHint } = props;
  const [chosen, setChosen] = useState<View>("tree");
  const table = useMemo(() => tableOf(value), [value]);
  const view = chosen === "table" && !table ? "tree" : chosen;
  const raw = () => JSON.stringify(value, null, 2);
  return (
    <section aria-label={title} className="flex min-h-0 flex-col gap-3">
      {error ? <StepErrorBox error={error} /> : null}
      {value === undefined && !error ? (
        <EmptyState icon="play" title="Nothing here yet">
          {emptyHint ?? "Test the step or run the draft; what it puts out is shown here."}
        </EmptyState>
      ) : null}
      {value === undefined ? null : (
        <>
          <div className="flex flex-wrap items-center gap-2">
            <Segmented<View>
              size="small"
              label="How to show the value"
              value={view}
              onValueChange={setChosen}
              options={[
                { value: "tree", label: "Tree" },
                ...(table ? [{ value: "table" as const, label: "Table" }] : []),
                { value: "raw", label: "Raw" },
              ]}
            />
            {origin ? (
              <Chip tone={origin === "pinned" ? "accent" : "neutral"}>{ORIGIN_WORDS[origin]}</Chip>
            ) : null}
            {note ? <span className="text-xs text-muted">{note}</span> : null}
            <span className="flex-1" />
            <CopyButton iconOnly text={raw} label="Copy as JSON" />
            {onPin ? (
              <Button size="small" icon="pin" onClick={() => onPin(value)}>
                Pin as sample
              </Button>
            ) : null}
          </div>
          <div className="min-h-0 overflow-auto rounded-lg border border-border bg-bg p-2.5">
            {view === "tree" ? <JsonView value={value} label={title} /> : null}
            {view === "table" && table ? <ValueTable table={table} label={title} /> : null}
            {view === "raw" ? (
              // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
              <pre tabIndex={0} className="font-mono text-xs leading-[1.6] break-words whitespace-pre-wrap">
                {raw()}
              </pre>
            ) : null}
          </div>
        </>
      )}
    </section>
  );
}

const KIND_WORDS: Record<StepError["kind"], string> = {
  bad_input: "The step got data it cannot use",
  auth: "The other system refused the sign-in",
  rate_limited: "The other system asked for a pause",
  temporary: "A passing failure",
  fatal: "The step cannot do this",
  timeout: "It took too long",
  unknown_outcome: "It is not known whether it happened",
};

/** What went wrong, what to do, and the code to look up. */
export function StepErrorBox({ error }: { error: StepError }) {
  return (
    <div role="alert" className="flex items-start gap-2.5 rounded-lg bg-bad-soft px-3.5 py-3">
      <Icon name="error" size={18} className="mt-px text-bad" />
      <div className="min-w-0">
        <p className="text-xs font-semibold text-bad">{KIND_WORDS[error.kind] ?? "The step failed"}</p>
        <p className="mt-0.5 break-words">{sentence(error.message)}</p>
        {error.action ? <p className="mt-1 text-muted">{sentence(error.action)}</p> : null}
        <ErrorCode code={error.code} className="mt-1" />
      </div>
    </div>
  );
}
