import { Field, Input, Segmented } from "@/ui";
import { SPANS, type Span } from "./span";

/** Chooses a span of the past. */
export function SpanPicker({ span, onSpan }: { span: Span; onSpan: (span: Span) => void }) {
  return (
    <div className="flex flex-col gap-3">
      <Segmented
        label="How far back"
        className="self-start"
        value={span.kind}
        onValueChange={(kind) => onSpan({ ...span, kind })}
        options={SPANS}
      />
      {span.kind === "own" ? (
        <div className="flex gap-3">
          <Field label="From" className="w-44">
            {(control) => (
              <Input
                {...control}
                type="date"
                value={span.from}
                max={span.to}
                onChange={(event) => onSpan({ ...span, from: event.target.value })}
              />
            )}
          </Field>
          <Field
            label="To, that day included"
            className="w-44"
            error={span.to < span.from ? "It is before the first day. Choose a later one." : undefined}
          >
            {(control) => (
              <Input
                {...control}
                type="date"
                value={span.to}
                onChange={(event) => onSpan({ ...span, to: event.target.value })}
              />
            )}
          </Field>
        </div>
      ) : null}
    </div>
  );
}
