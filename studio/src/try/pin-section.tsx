/** In the publish dialog: which kept tests come out otherwise with the draft. */
import { useEffect } from "react";
import { type PinCheck, usePins } from "@/api";
import { many } from "@/jobs/job-words";
import { Button, ErrorCode, Icon, Spinner } from "@/ui";
import { NotKnownChip } from "./not-known";
import { Refusal } from "./refusal";
import { usePinCheck } from "./use-pin-check";
import type { SaveFirst } from "./use-start";
import { differenceInWords, differencesToTell } from "./values";

/** What the dialog around has to know: whether tests come out otherwise, and whether that is still being found out. */
export interface PinVerdict {
  checking: boolean;
  changed: number;
}

interface PinSectionProps {
  workflow: string;
  /** The draft has no errors, so that it can be tried. */
  ready: boolean;
  saveFirst: SaveFirst;
  onVerdict: (verdict: PinVerdict) => void;
  /** Opens the list of tests. */
  onManage: () => void;
}

export function PinSection({ workflow, ready, saveFirst, onVerdict, onManage }: PinSectionProps) {
  const pins = usePins(workflow);
  const count = pins.data?.length ?? 0;
  const { check, again } = usePinCheck(workflow, ready && count > 0, saveFirst);
  const changed = check.results.filter(({ same }) => !same);
  // Also before the first answer: nothing is published that might have been tested.
  const checking =
    pins.isPending || (ready && count > 0 && (check.state === "idle" || check.state === "checking"));
  useEffect(() => onVerdict({ checking, changed: changed.length }), [onVerdict, checking, changed.length]);

  if (pins.isPending || pins.isError) return null;
  return (
    <section aria-label="Tests" className="flex flex-col gap-2">
      <header className="flex items-center justify-between gap-2">
        <h3 className="text-xs font-semibold text-muted">Tests</h3>
        {count > 0 ? (
          <Button size="small" variant="ghost" onClick={onManage}>
            Show all {count}
          </Button>
        ) : null}
      </header>
      <div role="status" className="text-sm">
        {count === 0 ? (
          <p className="text-muted">
            None yet. Open a run that came out right and press “Keep as a test”: from then on its outcome is
            checked here before each publish.
          </p>
        ) : !ready ? (
          <p className="text-muted">{many(count, "test")} will be checked once the problems are put right.</p>
        ) : check.state === "failed" ? (
          <div className="flex flex-col items-start gap-2">
            <Refusal what="The tests could not be checked." told={check.told} />
            <Button size="small" icon="refresh" onClick={() => void again()}>
              Check again
            </Button>
          </div>
        ) : check.state !== "done" ? (
          <p className="flex items-center gap-2 text-muted">
            <Spinner size={14} /> Checking {many(count, "test")}…
          </p>
        ) : changed.length === 0 ? (
          <p className="flex items-center gap-2 text-ok">
            <Icon name="done" /> {many(count, "test")} {count === 1 ? "comes" : "come"} out as before
          </p>
        ) : (
          <>
            <p className="flex items-center gap-2 font-medium text-warn">
              <Icon name="warning" size={16} />
              {changed.length} of {many(count, "test")} {changed.length === 1 ? "comes" : "come"} out
              otherwise
            </p>
            <ChangedPins changed={changed} />
          </>
        )}
      </div>
    </section>
  );
}

function ChangedPins({ changed }: { changed: readonly PinCheck[] }) {
  return (
    <ul className="mt-2 flex max-h-52 flex-col divide-y divide-border overflow-auto rounded-lg border border-border">
      {changed.map((check) => (
        <li key={check.pin.id} className="flex flex-wrap items-baseline gap-x-2 gap-y-1 px-3 py-2">
          <span className="font-medium">{check.pin.name}:</span>
          <PinDifferences check={check} />
        </li>
      ))}
    </ul>
  );
}

/** "Owner Ana Moreau → Ben Okafor", the error, or that it goes another way. */
export function PinDifferences({ check }: { check: PinCheck }) {
  const told = differencesToTell(check.differences);
  if (check.error && check.not_known.length === 0) {
    return (
      <span className="text-bad">
        {check.error.message} <ErrorCode code={check.error.code} />
      </span>
    );
  }
  return (
    <>
      <span>
        {told.length > 0
          ? told.map(differenceInWords).join(", ")
          : check.not_known.length > 0
            ? "cannot be followed to its end"
            : "goes another way to the same outcome"}
      </span>
      <NotKnownChip count={check.not_known.length} />
    </>
  );
}
