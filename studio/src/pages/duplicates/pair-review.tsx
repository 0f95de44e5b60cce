import { Link } from "@tanstack/react-router";
import { clsx } from "clsx";
import { useMemo, useState } from "react";
import type { DuplicatePair, PairLead } from "@/api";
import { Moment } from "@/app/moment";
import { Button, Card, Chip, Kbd } from "@/ui";
import { fieldsOf, nameOf, type PairField, percent, winnerOf } from "./pair-fields";
import { usePairKeys } from "./use-pair-keys";

export type Decision = "different" | "later";

interface PairReviewProps {
  pair: DuplicatePair;
  busy: boolean;
  onMerge: (survivor: string, choices: Record<string, string>) => void;
  onDecide: (decision: Decision) => void;
  onStep: (by: 1 | -1) => void;
}

/** Two leads side by side: what speaks for one person, what differs, and whose value stays. */
export function PairReview({ pair, busy, onMerge, onDecide, onStep }: PairReviewProps) {
  const [survivor, setSurvivor] = useState(pair.left.id);
  const [choices, setChoices] = useState<Record<string, string>>({});
  const fields = useMemo(() => fieldsOf(pair), [pair]);
  const merge = () => onMerge(survivor, choices);
  usePairKeys(busy, {
    m: merge,
    d: () => onDecide("different"),
    l: () => onDecide("later"),
    j: () => onStep(1),
    k: () => onStep(-1),
  });
  return (
    <Card
      title={`${nameOf(pair.left)} and ${nameOf(pair.right)}`}
      subtitle={`${percent(pair.probability)} likely one person`}
    >
      <ul className="mb-4 flex flex-wrap gap-1.5" aria-label="Why">
        {pair.reasons.map((reason) => (
          <li key={reason.role}>
            <Chip tone={reason.weight > 0 ? "ok" : "neutral"}>{reason.text}</Chip>
          </li>
        ))}
      </ul>
      <table className="w-full table-fixed border-collapse text-left">
        <caption className="visually-hidden">The two leads side by side; choose whose value stays.</caption>
        <thead>
          <tr className="border-b border-border">
            <th scope="col" className="w-36 py-2 pr-3 text-sm font-medium text-muted">
              Stays
            </th>
            {[pair.left, pair.right].map((lead) => (
              <th key={lead.id} scope="col" className="px-2 py-2 font-normal">
                <Survivor lead={lead} chosen={survivor === lead.id} onChoose={() => setSurvivor(lead.id)} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {fields.map((field) => (
            <Row
              key={field.name}
              field={field}
              pair={pair}
              winner={choices[field.name] ?? winnerOf(field, pair, survivor)}
              onChoose={(lead) => setChoices((before) => ({ ...before, [field.name]: lead }))}
            />
          ))}
        </tbody>
      </table>
      <div className="mt-4 flex flex-wrap items-center gap-2">
        <Button variant="primary" icon="merge" busy={busy} onClick={merge}>
          Merge <Kbd>M</Kbd>
        </Button>
        <Button icon="close" disabled={busy} onClick={() => onDecide("different")}>
          Not the same <Kbd>D</Kbd>
        </Button>
        <Button icon="clock" disabled={busy} onClick={() => onDecide("later")}>
          Later <Kbd>L</Kbd>
        </Button>
        <span className="ml-auto text-sm text-muted">
          <Kbd>J</Kbd> next, <Kbd>K</Kbd> previous. A merge can be taken back.
        </span>
      </div>
    </Card>
  );
}

function Survivor({ lead, chosen, onChoose }: { lead: PairLead; chosen: boolean; onChoose: () => void }) {
  return (
    <span className="flex items-start gap-2">
      <input
        type="radio"
        name="survivor"
        className="mt-1 size-4 shrink-0 accent-[var(--color-accent)]"
        checked={chosen}
        onChange={onChoose}
        aria-label={`Keep ${nameOf(lead)}`}
      />
      <span className="min-w-0">
        <Link
          to="/leads/$id"
          params={{ id: lead.id }}
          className="block truncate rounded-sm font-semibold hover:underline"
        >
          {nameOf(lead)}
        </Link>
        <span className="text-xs text-muted">
          since <Moment at={lead.created_at} />
        </span>
      </span>
    </span>
  );
}

interface RowProps {
  field: PairField;
  pair: DuplicatePair;
  winner: string;
  onChoose: (lead: string) => void;
}

function Row({ field, pair, winner, onChoose }: RowProps) {
  const same = field.is === "same";
  return (
    <tr className={clsx("border-b border-border last:border-0", !same && "bg-wait-soft/40")}>
      <th scope="row" className="py-1.5 pr-3 align-top text-sm font-medium text-muted">
        {field.label}
        {same ? null : <span className="visually-hidden"> (differs)</span>}
      </th>
      {([pair.left, pair.right] as const).map((lead, place) => {
        const value = place === 0 ? field.left : field.right;
        if (same) {
          return (
            <td key={lead.id} className="px-2 py-1.5 align-top break-words text-muted">
              {value}
            </td>
          );
        }
        const wins = winner === lead.id;
        return (
          <td key={lead.id} className="px-1 py-1 align-top">
            <label
              className={clsx(
                "flex cursor-pointer items-start gap-2 rounded-md border px-2 py-1 break-words",
                wins
                  ? "border-accent bg-accent-soft font-medium"
                  : "border-transparent text-muted hover:bg-hover",
              )}
            >
              <input
                type="radio"
                name={`wins-${field.name}`}
                className="mt-1 size-3.5 shrink-0 accent-[var(--color-accent)]"
                checked={wins}
                onChange={() => onChoose(lead.id)}
                aria-label={`${field.label}: ${value || "nothing"}, of ${nameOf(lead)}`}
              />
              <span className="min-w-0 break-words">
                {value || <span className="text-faint">nothing</span>}
              </span>
            </label>
          </td>
        );
      })}
    </tr>
  );
}
