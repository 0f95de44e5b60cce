/**
 * The account that a step uses, of one app or of any, picked from those the workspace has connected, or connected right
 * here. What is wrong with the chosen one is said beside it.
 */
import { lazy, Suspense, useState } from "react";
import { type AppConnection, useApps, useConnections, whenServed } from "@/api";
import { Button, ErrorCode, Icon } from "@/ui";
import { useFormScope } from "../scope";
import { sentence } from "../sentence";
import { Picker } from "./pickers";
import { textOf, type WidgetProps } from "./widget";

const ConnectDialog = lazy(() =>
  whenServed(() =>
    import("@/pages/connections/connect-dialog").then((module) => ({ default: module.ConnectDialog })),
  ),
);

const STATES: Record<AppConnection["status"], string> = {
  connected: "",
  pending: "waiting for access",
  ends_soon: "ends soon",
  broken: "does not work",
};

export function ConnectionWidget(props: WidgetProps) {
  const { readOnly } = useFormScope();
  const connections = useConnections();
  const [connecting, setConnecting] = useState<{ again?: AppConnection } | null>(null);
  const app = textOf(props.field.schema["x-app"]) || undefined;
  const fitting = connections.data?.items.filter((connection) => app === undefined || connection.app === app);
  const chosen = fitting?.find(({ id }) => id === props.value);
  return (
    <>
      <Picker
        {...props}
        fixed
        options={fitting?.map(({ id, name, account, status }) => ({
          value: id,
          label: name,
          hint: [account, STATES[status]].filter(Boolean).join(" · "),
          ...(status === "connected" ? {} : { icon: "warning" as const }),
        }))}
        failed={connections.isError}
        placeholder="Choose an account"
        emptyText="No account is connected."
      />
      {chosen ? <Condition connection={chosen} onAgain={() => setConnecting({ again: chosen })} /> : null}
      {readOnly ? null : (
        <Button
          size="small"
          variant="ghost"
          icon="plus"
          className="mt-1 -ml-2"
          onClick={() => setConnecting({})}
        >
          {fitting?.length === 0 ? "Connect an account" : "Connect another account"}
        </Button>
      )}
      {connecting ? (
        <Connecting
          app={app}
          again={connecting.again}
          onConnected={({ id }) => props.onChange(id)}
          onClose={() => setConnecting(null)}
        />
      ) : null}
    </>
  );
}

/** Why the chosen account does not work, or soon will not. */
function Condition({ connection, onAgain }: { connection: AppConnection; onAgain: () => void }) {
  const { readOnly } = useFormScope();
  const { status, trouble } = connection;
  if (status === "connected") return null;
  const isBroken = status === "broken";
  return (
    <div
      role="status"
      className={`mt-1 flex items-start gap-1 text-xs ${isBroken ? "text-bad" : "text-warn"}`}
    >
      <Icon name={isBroken ? "error" : "warning"} size={14} className="mt-px shrink-0" />
      <span>
        {trouble ? (
          <>
            {sentence(trouble.message)} <ErrorCode code={trouble.code} />{" "}
          </>
        ) : (
          `This connection ${status === "pending" ? "waits for access at the app" : "ends soon"}. `
        )}
        {readOnly ? null : (
          <button type="button" className="font-medium underline" onClick={onAgain}>
            Connect it again
          </button>
        )}
      </span>
    </div>
  );
}

interface ConnectingProps {
  readonly app: string | undefined;
  readonly again: AppConnection | undefined;
  readonly onConnected: (connection: AppConnection) => void;
  readonly onClose: () => void;
}

/** What can be connected is asked for only when somebody wants to. */
function Connecting({ app, again, onConnected, onClose }: ConnectingProps) {
  const apps = useApps();
  if (!apps.data) return null;
  return (
    // What is pressed and typed in the dialog is none of the form's business.
    // biome-ignore lint/a11y/noStaticElementInteractions: only stops keys that were meant for the dialog
    <div onKeyDown={(event) => event.stopPropagation()}>
      <Suspense fallback={null}>
        <ConnectDialog
          apps={apps.data.items}
          redirectUrl={apps.data.redirect_url}
          app={app}
          again={again}
          onConnected={onConnected}
          onClose={onClose}
        />
      </Suspense>
    </div>
  );
}
