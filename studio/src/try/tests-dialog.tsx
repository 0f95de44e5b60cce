/** The runs kept as tests of a workflow: how they come out with the draft, their names, and their removal. */
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { type Pin, type PinCheck, pinKeys, pinsApi, usePins } from "@/api";
import { Moment } from "@/app/moment";
import { QueryError } from "@/app/query-error";
import { sayError } from "@/app/say-error";
import {
  Button,
  Chip,
  ConfirmDialog,
  Dialog,
  EmptyState,
  Icon,
  IconButton,
  Input,
  Loading,
  Menu,
  Skeleton,
  Spinner,
  toast,
} from "@/ui";
import { PinDifferences } from "./pin-section";
import { Refusal } from "./refusal";
import { usePinCheck } from "./use-pin-check";
import type { SaveFirst } from "./use-start";
import { outcomeInWords } from "./values";

interface TestsDialogProps {
  workflow: string;
  /** The draft has no errors, so that it can be tried. */
  ready: boolean;
  saveFirst: SaveFirst;
  onClose: () => void;
}

export function TestsDialog({ workflow, ready, saveFirst, onClose }: TestsDialogProps) {
  const pins = usePins(workflow);
  const some = (pins.data?.length ?? 0) > 0;
  const { check, again } = usePinCheck(workflow, ready && some, saveFirst);
  const checking = check.state === "checking";
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      width="large"
      title="Tests"
      description="Runs that came out right, kept. The draft must come to the same outcome, or say where it does not."
      footer={
        <>
          {some ? (
            <Button icon="refresh" busy={checking} disabled={!ready} onClick={() => void again()}>
              Check with the draft
            </Button>
          ) : null}
          <Button variant="primary" onClick={onClose}>
            Done
          </Button>
        </>
      }
    >
      {pins.isPending ? (
        <Loading label="Loading the tests">
          <Skeleton className="h-24" />
        </Loading>
      ) : pins.isError ? (
        <QueryError error={pins.error} onRetry={() => void pins.refetch()} />
      ) : pins.data.length === 0 ? (
        <EmptyState icon="pin" title="No tests yet">
          Open a run that came out right and press “Keep as a test”. Before each publish the draft is tried on
          it, and you are told if its outcome would change.
        </EmptyState>
      ) : (
        <div className="flex flex-col gap-3">
          {check.state === "failed" ? (
            <Refusal what="The tests could not be checked." told={check.told} />
          ) : null}
          {ready ? null : (
            <p className="text-sm text-muted">
              The draft has problems; the tests are checked once they are put right.
            </p>
          )}
          <ul className="flex flex-col divide-y divide-border rounded-lg border border-border">
            {pins.data.map((pin) => (
              <PinRow
                key={pin.id}
                workflow={workflow}
                pin={pin}
                check={check.results.find((result) => result.pin.id === pin.id) ?? null}
                checking={checking}
                onAccepted={() => void again()}
              />
            ))}
          </ul>
        </div>
      )}
    </Dialog>
  );
}

interface PinRowProps {
  workflow: string;
  pin: Pin;
  check: PinCheck | null;
  checking: boolean;
  onAccepted: () => void;
}

function PinRow({ workflow, pin, check, checking, onAccepted }: PinRowProps) {
  const client = useQueryClient();
  const [renaming, setRenaming] = useState(false);
  const [removing, setRemoving] = useState(false);
  const renew = () => client.invalidateQueries({ queryKey: pinKeys.pins(workflow) });

  const rename = async (name: string) => {
    setRenaming(false);
    if (name === "" || name === pin.name) return;
    try {
      await pinsApi.rename(workflow, pin.id, name);
      await renew();
    } catch (error) {
      sayError("The test was not renamed")(error);
    }
  };
  const accept = async () => {
    try {
      await pinsApi.accept(workflow, pin.id);
      await renew();
      onAccepted();
      toast({ tone: "ok", title: "The new outcome is expected from now on" });
    } catch (error) {
      sayError("The outcome was not taken over")(error);
    }
  };
  const remove = async () => {
    try {
      await pinsApi.remove(workflow, pin.id);
      await renew();
    } catch (error) {
      sayError("The test was not removed")(error);
      throw error;
    }
  };

  return (
    <li className="flex items-start gap-3 px-3.5 py-3">
      <PinMark check={check} checking={checking} />
      <div className="min-w-0 flex-1">
        {renaming ? (
          <Input
            size="small"
            autoFocus
            aria-label="Name of the test"
            defaultValue={pin.name}
            maxLength={120}
            className="max-w-80"
            onBlur={(event) => void rename(event.target.value.trim())}
            onKeyDown={(event) => {
              if (event.key === "Enter") event.currentTarget.blur();
              if (event.key !== "Escape") return;
              event.stopPropagation();
              setRenaming(false);
            }}
          />
        ) : (
          <p className="truncate font-medium">{pin.name}</p>
        )}
        <p className="text-sm text-muted">
          Expected: {outcomeInWords(pin.expected)} · kept <Moment at={pin.created_at} /> ·{" "}
          <Link
            to="/runs/$id"
            params={{ id: pin.run_id }}
            className="rounded-sm whitespace-nowrap text-accent-text underline"
          >
            the run
          </Link>
        </p>
        {check && !check.same ? (
          <p className="mt-1 flex flex-wrap items-center gap-2 text-sm">
            <Icon name="arrow-right" size={14} className="text-warn" label="With the draft" />
            <PinDifferences check={check} />
          </p>
        ) : null}
      </div>
      {check && !check.same && !check.error ? (
        <Button size="small" onClick={() => void accept()}>
          Expect this from now on
        </Button>
      ) : null}
      <Menu
        trigger={<IconButton icon="more" size="small" label={`More for ${pin.name}`} />}
        entries={[
          { label: "Rename", icon: "pencil", onSelect: () => setRenaming(true) },
          { label: "Remove…", icon: "trash", danger: true, onSelect: () => setRemoving(true) },
        ]}
      />
      <ConfirmDialog
        open={removing}
        onOpenChange={setRemoving}
        title={`Remove the test “${pin.name}”?`}
        description="Its outcome is not checked any more. The run it was kept from stays in the history."
        confirmLabel="Remove the test"
        danger
        onConfirm={remove}
      />
    </li>
  );
}

function PinMark({ check, checking }: { check: PinCheck | null; checking: boolean }) {
  const place = "mt-0.5 flex w-24 shrink-0 justify-start";
  if (checking || !check) {
    return (
      <span className={place}>
        {checking ? <Spinner size={16} className="text-muted" /> : <Chip>Not checked</Chip>}
      </span>
    );
  }
  return (
    <span className={place}>
      {check.same ? (
        <Chip tone="ok" dot>
          As before
        </Chip>
      ) : (
        <Chip tone={check.error ? "bad" : "warn"} dot>
          {check.error ? "Fails" : "Changes"}
        </Chip>
      )}
    </span>
  );
}
