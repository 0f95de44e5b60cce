/** When and how often a step is tried again. */

import type { Retry, RetryKind } from "@/document/types";
import { durationWords } from "@/document/words";
import { Checkbox, Field, Input } from "@/ui";

const MAX_RETRIES = 10;
const FIRST_WAIT = 5;
const LONGEST_FIRST_WAIT = 3600;
const DAY = 86_400;

/** Failures in the words of those who do not write programs; the first three are what is tried unless told. */
const KINDS: readonly { kind: RetryKind; label: string; help: string }[] = [
  { kind: "rate_limited", label: "Too many requests", help: "The other side asked to slow down." },
  { kind: "temporary", label: "Not able to answer now", help: "Overloaded, restarting, unreachable." },
  { kind: "timeout", label: "No answer in time", help: "Writes that may have happened are never repeated." },
  { kind: "auth", label: "Not signed in", help: "Helps where access is given a little later." },
  { kind: "bad_input", label: "Refused data", help: "Helps where the other side learns of a record later." },
];
const USUAL: readonly RetryKind[] = ["rate_limited", "temporary", "timeout"];

interface RetryOptionsProps {
  readonly retry: Retry | undefined;
  readonly onChange: (retry: Retry | undefined) => void;
}

export function RetryOptions({ retry, onChange }: RetryOptionsProps) {
  return (
    <div className="flex flex-col gap-3">
      <div className="grid grid-cols-3 gap-3">
        <Field label="Try again" help="Times, at most 10">
          {(control) => (
            <Input
              {...control}
              type="number"
              min={0}
              max={MAX_RETRIES}
              value={retry?.times ?? 0}
              onChange={(event) => {
                const times = bounded(event.target.valueAsNumber, 0, MAX_RETRIES);
                onChange(times === 0 ? undefined : { wait_seconds: FIRST_WAIT, ...retry, times });
              }}
            />
          )}
        </Field>
        <Field label="First wait" help="Seconds; doubles each time">
          {(control) => (
            <Input
              {...control}
              type="number"
              min={1}
              max={LONGEST_FIRST_WAIT}
              disabled={!retry}
              value={retry?.wait_seconds ?? FIRST_WAIT}
              onChange={(event) => {
                const wait_seconds = bounded(event.target.valueAsNumber, 1, LONGEST_FIRST_WAIT);
                if (retry) onChange({ ...retry, wait_seconds });
              }}
            />
          )}
        </Field>
        <Field label="Longest wait" help="Seconds; empty for a day">
          {(control) => (
            <Input
              {...control}
              type="number"
              min={1}
              max={DAY}
              disabled={!retry}
              placeholder={String(DAY)}
              value={retry?.most_seconds ?? ""}
              onChange={(event) => {
                if (!retry) return;
                const { most_seconds: _, ...rest } = retry;
                const most = event.target.valueAsNumber;
                onChange(Number.isNaN(most) ? rest : { ...rest, most_seconds: bounded(most, 1, DAY) });
              }}
            />
          )}
        </Field>
      </div>
      {retry ? (
        <>
          <p className="text-xs text-muted">{planInWords(retry)}</p>
          <fieldset className="flex flex-col gap-1.5">
            <legend className="mb-1 text-xs font-semibold text-muted">Try again after</legend>
            {KINDS.map(({ kind, label, help }) => (
              <Checkbox
                key={kind}
                label={label}
                help={help}
                checked={kindsOf(retry).includes(kind)}
                onCheckedChange={(on) => onChange(withKind(retry, kind, on))}
              />
            ))}
          </fieldset>
        </>
      ) : null}
    </div>
  );
}

function kindsOf({ kinds }: Retry): readonly RetryKind[] {
  return kinds && kinds.length > 0 ? kinds : USUAL;
}

/** The usual choice is not written down; neither is an empty one, which the server reads as the usual. */
export function withKind(retry: Retry, kind: RetryKind, on: boolean): Retry {
  const chosen = KINDS.map((known) => known.kind).filter((known) =>
    known === kind ? on : kindsOf(retry).includes(known),
  );
  if (chosen.length === 0) return retry;
  const { kinds: _, ...rest } = retry;
  const usual = chosen.length === USUAL.length && USUAL.every((known) => chosen.includes(known));
  return usual ? rest : { ...rest, kinds: chosen };
}

/** "Waits about 5 s, 10 s and 20 s, then gives up." Real waits vary a little, so that not all come back at once. */
export function planInWords({ times, wait_seconds: first, most_seconds: most = DAY }: Retry): string {
  const waits = Array.from({ length: times }, (_, at) => durationWords(Math.min(first * 2 ** at, most)));
  const [last, ...earlier] = [...waits].reverse();
  const listed = earlier.length === 0 ? last : `${earlier.reverse().join(", ")} and ${last}`;
  return `Waits about ${listed}, then gives up. A wait the other side asks for is kept to.`;
}

function bounded(value: number, least: number, most: number): number {
  return Number.isNaN(value) ? least : Math.min(most, Math.max(least, Math.round(value)));
}
