/** The account that a step uses, picked from those the workspace has connected: of one app, or of any. */
import { type AppConnection, useConnections } from "@/api";
import { Picker } from "./pickers";
import type { WidgetProps } from "./widget";

const STATES: Record<AppConnection["status"], string> = {
  connected: "",
  pending: "waiting for access",
  ends_soon: "ends soon",
  broken: "does not work",
};

export function ConnectionWidget(props: WidgetProps) {
  const connections = useConnections();
  const app = props.field.schema["x-app"];
  const fitting = connections.data?.items.filter((connection) => app === undefined || connection.app === app);
  return (
    <>
      <Picker
        {...props}
        options={fitting?.map(({ id, name, account, status }) => ({
          value: id,
          label: name,
          hint: [account, STATES[status]].filter(Boolean).join(" · "),
        }))}
        failed={connections.isError}
        placeholder="Choose an account"
        emptyText="No account is connected."
      />
      {fitting?.length === 0 ? (
        <a
          href="/settings/connections"
          target="_blank"
          rel="noreferrer"
          className="mt-1 inline-block text-xs text-accent-text hover:underline"
        >
          Connect an account
        </a>
      ) : null}
    </>
  );
}
