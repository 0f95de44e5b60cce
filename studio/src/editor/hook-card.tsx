/** Where a webhook or form is reached, ready to paste into a shell. */
import { useState } from "react";
import { Chip, CONTROL, CopyButton } from "@/ui";
import { useSaveState } from "./editor-context";

export function HookCard({ step }: { step: string }) {
  const hook = useSaveState((state) => state.hooks.find((one) => one.step === step));
  const [whole, setWhole] = useState(false);
  if (!hook) return null;
  return (
    <section aria-label="Address" className="rounded-lg bg-sunken p-3">
      <div className="flex items-center gap-2">
        <h2 className="text-xs font-semibold text-muted">
          {hook.kind === "form" ? "The form is at" : "Send events to"}
        </h2>
        <Chip tone={hook.live ? "ok" : "neutral"} dot>
          {hook.live ? "Live" : "Live once published"}
        </Chip>
        <span className="ml-auto flex gap-1">
          <CopyButton text={hook.url} label="Copy address" iconOnly />
        </span>
      </div>
      <p className="mt-1.5 flex items-baseline gap-2 font-mono text-xs break-all">
        <span className="font-semibold text-muted">{hook.kind === "form" ? "GET" : hook.method}</span>
        {hook.url}
      </p>
      <div className="mt-2.5 flex items-center gap-2">
        <button
          type="button"
          aria-expanded={whole}
          onClick={() => setWhole(!whole)}
          className="rounded-sm text-sm font-medium text-accent-text hover:underline"
        >
          {whole ? "Hide the curl line" : "Show the curl line"}
        </button>
        <CopyButton text={hook.curl} label="Copy curl" />
      </div>
      {whole ? (
        <pre
          className={`${CONTROL} mt-2 h-auto max-h-40 overflow-auto px-2 py-1.5 font-mono text-xs break-all whitespace-pre-wrap`}
        >
          {hook.curl}
        </pre>
      ) : null}
    </section>
  );
}
