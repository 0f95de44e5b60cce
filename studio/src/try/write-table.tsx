import { Link } from "@tanstack/react-router";
import type { Write } from "@/api";
import { Button, Chip, EmptyState, JsonView, Popover } from "@/ui";
import { promiseInWords, valueInWords } from "./values";

/** What one run would write: who or what, then each field with its value before and after. */
export function WriteTable({ writes }: { writes: readonly Write[] }) {
  if (writes.length === 0) {
    return (
      <EmptyState icon="note" title="It would write nothing" className="py-6!">
        No lead would be changed and nothing would be sent.
      </EmptyState>
    );
  }
  return (
    <ul className="flex flex-col gap-2.5">
      {writes.map((write, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a step in a loop may write the same thing twice; order is all they have
        <li key={`${write.step}/${place}`} className="rounded-lg border border-border">
          <div className="flex flex-wrap items-center gap-2 border-b border-border px-3 py-2 last:border-b-0">
            <WrittenTo write={write} />
            <span className="text-sm text-muted">by “{write.step_title}”</span>
            <span className="flex-1" />
            <RequestButton write={write} />
            <PromiseChip promise={write.promise} />
          </div>
          {write.changes.length > 0 ? (
            <table className="w-full table-fixed text-sm">
              <thead className="visually-hidden">
                <tr>
                  <th>Field</th>
                  <th>Before</th>
                  <th>After</th>
                </tr>
              </thead>
              <tbody>
                {write.changes.map(({ label, old, new: now }) => (
                  <tr key={label} className="border-b border-border last:border-b-0">
                    <th scope="row" className="w-[32%] px-3 py-1.5 text-left font-normal">
                      {label}
                    </th>
                    <td className="w-[30%] px-3 py-1.5 break-words text-muted">{valueInWords(old)}</td>
                    <td className="px-3 py-1.5 font-semibold break-words">{valueInWords(now)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          ) : null}
        </li>
      ))}
    </ul>
  );
}

/** Who or what is written to; a lead that exists can be gone to. */
export function WrittenTo({ write }: { write: Write }) {
  if (!write.lead_id) return <span className="font-medium">{write.what}</span>;
  return (
    <Link to="/leads/$id" params={{ id: write.lead_id }} className="rounded-sm font-medium hover:underline">
      {write.what}
    </Link>
  );
}

export function PromiseChip({ promise }: { promise: string }) {
  return <Chip tone={promise === "uncertain" ? "warn" : "neutral"}>{promiseInWords(promise)}</Chip>;
}

/** What would go out, to look at. */
export function RequestButton({ write }: { write: Write }) {
  if (write.request === undefined || write.request === null) return null;
  return (
    <Popover
      label={`What “${write.step_title}” would send`}
      className="max-h-96 w-[420px] overflow-auto p-3"
      trigger={
        <Button size="small" variant="ghost" icon="eye">
          Show request
        </Button>
      }
    >
      <JsonView value={write.request} label="Request" openLevels={3} />
    </Popover>
  );
}
