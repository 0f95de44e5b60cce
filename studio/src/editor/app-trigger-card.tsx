/** How a trigger of an app listens: how far its looks have come, or the address that the app sends to. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { appTriggerKeys, appTriggersApi, type TriggerLooks, useAppTriggers } from "@/api";
import { Moment } from "@/app/moment";
import { sayError } from "@/app/say-error";
import { dateTime } from "@/app/time";
import { WebhookAddressCard } from "@/app/webhook-address";
import type { StepKind } from "@/document/types";
import { Button, Chip, ErrorCode } from "@/ui";
import { useEditor, useSaveState } from "./editor-context";

/** Whether steps of this kind are triggers of a connected app. */
export const isAppTrigger = (kind: StepKind) => kind.category === "trigger" && kind.kind.includes(".");

export function AppTriggerCard({ step }: { step: string }) {
  const { workflow } = useEditor();
  const revision = useSaveState((state) => state.revision);
  const triggers = useAppTriggers(workflow, revision);
  const trigger = triggers.data?.items.find((one) => one.step === step);
  if (!trigger) return null;
  if (trigger.address) return <WebhookAddressCard address={trigger.address} />;
  if (!trigger.looks) return null;
  return <LooksCard workflow={workflow} step={step} live={trigger.live} looks={trigger.looks} />;
}

interface LooksCardProps {
  workflow: string;
  step: string;
  live: boolean;
  looks: TriggerLooks;
}

function LooksCard({ workflow, step, live, looks }: LooksCardProps) {
  const client = useQueryClient();
  const look = useMutation({
    mutationFn: () => appTriggersApi.lookNow(workflow, step),
    onError: sayError("The app was not asked"),
    onSettled: () => client.invalidateQueries({ queryKey: appTriggerKeys.ofWorkflow(workflow) }),
  });
  const { trouble } = looks;
  return (
    <section aria-label="Looks at the app" className="rounded-lg bg-sunken p-3 text-sm">
      <div className="flex items-center gap-2">
        <h2 className="text-xs font-semibold text-muted">Looks every {span(looks.every_seconds)}</h2>
        <Chip tone={trouble ? "bad" : live ? "ok" : "neutral"} dot>
          {trouble ? "In trouble" : live ? "Live" : "Live once published"}
        </Chip>
        {live ? (
          <Button size="small" className="ml-auto" busy={look.isPending} onClick={() => look.mutate()}>
            Look now
          </Button>
        ) : null}
      </div>
      <dl className="mt-2 grid grid-cols-[auto_1fr] gap-x-4 gap-y-1 text-xs">
        <Fact name="Last look">
          {looks.last_at ? <Moment at={looks.last_at} /> : "none yet"}
          {looks.going_on ? ", going on" : ""}
        </Fact>
        {live && looks.next_at ? (
          <Fact name="Next look">
            <time dateTime={looks.next_at}>{dateTime(looks.next_at)}</time>
          </Fact>
        ) : null}
        {looks.position === null ? null : <Fact name="Has come to">{String(looks.position)}</Fact>}
        <Fact name="Records read">{looks.seen.toLocaleString("en")}</Fact>
        <Fact name="Runs started">{looks.started.toLocaleString("en")}</Fact>
      </dl>
      {trouble ? (
        <p role="status" className="mt-2 text-xs text-bad">
          {looks.failures > 1 ? `${looks.failures} looks in a row failed: ` : "The last look failed: "}
          {trouble.message}. {trouble.action} <ErrorCode code={trouble.code} />
        </p>
      ) : null}
    </section>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-muted">{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

function span(seconds: number): string {
  if (seconds % 3600 === 0) return seconds === 3600 ? "hour" : `${seconds / 3600} hours`;
  if (seconds % 60 === 0) return seconds === 60 ? "minute" : `${seconds / 60} minutes`;
  return `${seconds} seconds`;
}
