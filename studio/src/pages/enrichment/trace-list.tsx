import type { FilledField, Traced } from "@/api";
import { Chip } from "@/ui";
import { amount, WHAT } from "./model";

/** Who was asked, who was skipped and why, in order. */
export function TraceList({ trace, currency }: { trace: Traced[]; currency: string }) {
  return (
    <ol className="space-y-1.5" aria-label="What happened with each provider">
      {trace.map((line, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines stay in their order, and a provider may have several
        <li key={place} className="flex flex-wrap items-baseline gap-x-2">
          <Chip tone={WHAT[line.what].tone}>{WHAT[line.what].words}</Chip>
          <span className="min-w-0 flex-1">{line.text}</span>
          {line.cost ? <span className="text-muted tabular">{amount(line.cost, currency)}</span> : null}
        </li>
      ))}
    </ol>
  );
}

/** Fields with their old and new values and who gave them. */
export function FilledList({ filled }: { filled: FilledField[] }) {
  return (
    <ul className="space-y-1" aria-label="Fields that were filled">
      {filled.map((one) => (
        <li key={one.field}>
          <b className="font-medium">{one.label}</b>: <span className="text-muted">{words(one.old)}</span>
          {" → "}
          <span className="font-medium">{words(one.new)}</span>{" "}
          <span className="text-muted">
            ({one.provider_name}, trust {one.trust})
          </span>
        </li>
      ))}
    </ul>
  );
}

function words(value: unknown): string {
  if (value === null || value === undefined || value === "") return "nothing";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
