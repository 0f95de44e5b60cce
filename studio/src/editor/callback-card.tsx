/** The address another system calls to let a waiting run go on, as it is put into an earlier step. */
import { CopyButton } from "@/ui";

/** The kind whose steps wait for such a call. */
export const CALLBACK_KIND = "wait_for_callback";

export function CallbackCard({ step, inBody }: { step: string; inBody: boolean }) {
  // Inside a loop each item has an address of its own.
  const address = inBody ? `{{ run.callback_url }}/${step}-{{ index }}` : `{{ run.callback_url }}/${step}`;
  return (
    <section aria-label="Address to call" className="rounded-lg bg-sunken p-3">
      <div className="flex items-center gap-2">
        <h2 className="flex-1 text-xs font-semibold text-muted">Address to call</h2>
        <CopyButton text={address} label="Copy address" iconOnly />
      </div>
      <p className="mt-1 font-mono text-xs break-all">{address}</p>
      <p className="mt-1.5 text-xs text-muted">
        Put it into the step before that asks the other system, in the body of a request say. Each run gets an
        address of its own that cannot be guessed and works once.
      </p>
    </section>
  );
}
