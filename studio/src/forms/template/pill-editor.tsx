import { clsx } from "clsx";
import { Popover } from "radix-ui";
import { useId, useMemo, useState } from "react";
import { Button, Input } from "@/ui";
import { PreviewLine } from "../preview/preview-line";
import { useFormScope } from "../scope";
import type { PlacedHole } from "./editor-pills";
import { FILTER_OFFERS, type FilterOffer } from "./filters";
import { type FilterCall, parseReference, type Reference, serialiseReference } from "./parse";
import { pillOfHole } from "./pill";
import { PillChip } from "./pill-chip";

interface PillEditorProps {
  readonly hole: PlacedHole;
  /** Where the pill stands on the screen. */
  readonly anchor: DOMRect;
  readonly onReplace: (text: string) => void;
  readonly onClose: () => void;
}

/** What opens from a pill: its expression as text, the filters that fit, and the value it gives. */
export function PillEditor({ hole, anchor, onReplace, onClose }: PillEditorProps) {
  const { available } = useFormScope();
  const [inner, setInner] = useState(hole.inner);
  const reference = parseReference(inner);
  const pill = pillOfHole(inner, available);
  const virtual = useMemo(() => ({ current: { getBoundingClientRect: () => anchor } }), [anchor]);
  const inputId = useId();
  const finish = () => onReplace(inner.trim() === "" ? "" : `{{ ${inner.trim()} }}`);

  return (
    <Popover.Root open onOpenChange={(open) => !open && onClose()}>
      <Popover.Anchor virtualRef={virtual} />
      <Popover.Portal>
        <Popover.Content
          aria-label="Edit the inserted field"
          align="start"
          sideOffset={6}
          collisionPadding={8}
          className="z-50 flex w-[360px] animate-[ui-appear_0.12s] flex-col gap-3 rounded-xl border border-border bg-raised p-3 shadow-float focus:outline-none"
        >
          <form
            className="flex flex-col gap-3"
            onSubmit={(event) => {
              event.preventDefault();
              event.stopPropagation();
              finish();
            }}
          >
            {pill ? (
              <div>
                <PillChip pill={{ ...pill, filters: "" }} />
              </div>
            ) : null}
            <div className="flex flex-col gap-1">
              <label htmlFor={inputId} className="text-xs font-semibold text-muted">
                Expression
              </label>
              <Input
                id={inputId}
                mono
                value={inner}
                spellCheck={false}
                onChange={(event) => setInner(event.target.value)}
              />
              <PreviewLine template={inner.trim() === "" ? "" : `{{ ${inner} }}`} />
            </div>
            {reference ? (
              <FilterChoice reference={reference} onChange={(next) => setInner(serialiseReference(next))} />
            ) : (
              <p className="text-xs text-muted">
                Filters can be picked here when the expression is a plain field.
              </p>
            )}
            <div className="flex items-center gap-2">
              <Button size="small" variant="danger" icon="trash" onClick={() => onReplace("")}>
                Remove
              </Button>
              <span className="flex-1" />
              <Button size="small" variant="ghost" onClick={onClose}>
                Cancel
              </Button>
              <Button size="small" variant="primary" type="submit">
                Done
              </Button>
            </div>
          </form>
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

interface FilterChoiceProps {
  readonly reference: Reference;
  readonly onChange: (reference: Reference) => void;
}

/** The offered filters as toggles; they apply in the order they were switched on. */
function FilterChoice({ reference, onChange }: FilterChoiceProps) {
  const { path, filters } = reference;
  const set = (next: readonly FilterCall[]) => onChange({ path, filters: next });
  const toggle = (offer: FilterOffer) => {
    const on = filters.some((filter) => filter.name === offer.name);
    if (on) return set(filters.filter((filter) => filter.name !== offer.name));
    set([...filters, { name: offer.name, args: offer.argument ? [offer.argument.initial] : [] }]);
  };
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1 text-xs font-semibold text-muted">Change the value</legend>
      <div className="flex flex-wrap gap-1">
        {FILTER_OFFERS.map((offer) => {
          const on = filters.some((filter) => filter.name === offer.name);
          return (
            <button
              key={offer.name}
              type="button"
              aria-pressed={on}
              onClick={() => toggle(offer)}
              className={clsx(
                "h-6 rounded-full border px-2 text-xs font-medium transition-colors",
                on
                  ? "border-accent bg-accent-soft text-accent-text"
                  : "border-border-strong text-muted hover:bg-hover hover:text-text",
              )}
            >
              {offer.title}
            </button>
          );
        })}
      </div>
      {FILTER_OFFERS.map((offer) => {
        const at = filters.findIndex((filter) => filter.name === offer.name);
        const filter = filters[at];
        if (!offer.argument || !filter) return null;
        return (
          <div key={offer.name} className="flex items-center gap-2 text-xs text-muted">
            <span aria-hidden className="w-24">
              {offer.argument.label}
            </span>
            <Input
              size="small"
              aria-label={offer.argument.label}
              value={String(filter.args[0] ?? "")}
              onChange={(event) => set(filters.with(at, { name: offer.name, args: [event.target.value] }))}
            />
          </div>
        );
      })}
    </fieldset>
  );
}
