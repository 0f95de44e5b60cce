import type { Assumption, NotKnown } from "@/api";
import { Chip, Icon } from "@/ui";

/** On a row: the history did not hold everything the draft asks for. */
export function NotKnownChip({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <Chip tone="warn" icon="info">
      Not all known from history
    </Chip>
  );
}

/** What the history does not hold, step by step, and what that means. */
export function NotKnownList({ items }: { items: readonly NotKnown[] }) {
  if (items.length === 0) return null;
  return (
    <section aria-label="Not known from history" className="rounded-lg bg-warn-soft px-3.5 py-3 text-sm">
      <h3 className="flex items-center gap-2 font-semibold text-warn">
        <Icon name="warning" size={16} /> Not known from history
      </h3>
      <p className="mt-1 text-muted">
        These answers were never recorded, because the run did not ask for them then. Nothing was guessed: the
        draft was followed only as far as is known. A dry run of the event asks for them now.
      </p>
      <ul className="mt-2 flex list-disc flex-col gap-1 pl-5 marker:text-faint">
        {items.map(({ step, step_title, what }) => (
          <li key={`${step}/${what}`}>
            {step_title ? <b className="font-medium">{step_title}: </b> : null}
            {what}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What was taken for granted on the way: a wait that passed at once, the answer to a call that was not made. */
export function AssumptionList({ items }: { items: readonly Assumption[] }) {
  if (items.length === 0) return null;
  return (
    <section aria-label="Taken for granted" className="rounded-lg bg-sunken px-3.5 py-3 text-sm">
      <h3 className="flex items-center gap-2 font-semibold">
        <Icon name="info" size={16} className="text-muted" /> Taken for granted
      </h3>
      <ul className="mt-1.5 flex list-disc flex-col gap-1 pl-5 marker:text-faint">
        {items.map(({ step, step_title, what }) => (
          <li key={`${step}/${what}`}>
            <b className="font-medium">{step_title}:</b> {what}
          </li>
        ))}
      </ul>
    </section>
  );
}
