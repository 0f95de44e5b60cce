/** What is known of an app's fields, how old it is, and what stood in the way. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { type AppField, connectionKeys, connectionsApi, tell, useAppFields } from "@/api";
import { Moment } from "@/app/moment";
import { ErrorCode, Icon, IconButton, Skeleton } from "@/ui";
import type { FormField } from "../schema/read";
import { sentence } from "../sentence";
import { textOf } from "./widget";

export interface KnownFields {
  /** What people call the app. */
  readonly app: string;
  readonly items: readonly AppField[];
  readonly byName: ReadonlyMap<string, AppField>;
  /** A connection is chosen. */
  readonly isChosen: boolean;
  /** The app has told its fields. */
  readonly isRead: boolean;
  /** Their number, their age, and what went wrong. */
  readonly line: ReactNode;
}

export function useKnownFields(field: FormField, siblings: Readonly<Record<string, unknown>>): KnownFields {
  const connection = textOf(siblings.connection);
  const source = textOf(field.schema["x-fields"]);
  const app = textOf(field.schema["x-app-name"]) || "the app";
  const client = useQueryClient();
  const read = useAppFields(connection, source);
  const again = useMutation({
    mutationFn: () => connectionsApi.fields(connection, source, true),
    onSuccess: (fields) => client.setQueryData(connectionKeys.fields(connection, source), fields),
    // The reason may be one that the connection's own state tells as well.
    onError: () => client.invalidateQueries({ queryKey: connectionKeys.connections, exact: true }),
  });
  const items = read.data?.items ?? [];
  const known = {
    app,
    items,
    byName: new Map(items.map((item) => [item.name, item])),
    isChosen: connection !== "",
    isRead: read.data !== undefined,
  };
  if (connection === "") {
    return {
      ...known,
      line: <Quiet>Choose a connection; the fields of that account then appear here.</Quiet>,
    };
  }
  if (read.isPending) {
    return {
      ...known,
      line: (
        <div role="status" className="flex flex-col gap-1.5">
          <Quiet>Reading the fields of {app}…</Quiet>
          <Skeleton className="h-8 w-full" />
        </div>
      ),
    };
  }
  const failure = again.error ?? (read.data ? null : read.error);
  const trouble = failure ? troubleOf(failure) : (read.data?.trouble ?? null);
  return {
    ...known,
    line: (
      <div className="flex flex-col gap-1.5">
        <div className="flex items-center gap-1 text-xs text-muted" role="status">
          <span>
            {read.data ? (
              <>
                {count(items.length)} of {app}, read <Moment at={read.data.read_at} />
              </>
            ) : (
              `The fields of ${app} are not known.`
            )}
          </span>
          <IconButton
            icon="refresh"
            size="small"
            label={`Read the fields of ${app} again`}
            aria-busy={again.isPending}
            className={again.isPending ? "animate-spin" : ""}
            onClick={() => {
              if (!again.isPending) again.mutate();
            }}
          />
        </div>
        {trouble ? <Refusal app={app} isKnown={read.data !== undefined} {...trouble} /> : null}
      </div>
    ),
  };
}

interface Trouble {
  readonly message: string;
  readonly action: string;
  readonly code?: string | undefined;
}

function troubleOf(error: unknown): Trouble {
  const { title, detail, action, code } = tell(error);
  return { message: detail || title, action, code };
}

/** Why the fields could not be read, at the place where they would stand. */
function Refusal({ app, isKnown, message, action, code }: Trouble & { app: string; isKnown: boolean }) {
  return (
    <div
      role="alert"
      className="flex items-start gap-2 rounded-md border border-warn-line bg-warn-soft p-2 text-xs"
    >
      <Icon name="warning" size={14} className="mt-px shrink-0 text-warn" />
      <p>
        {sentence(message)} {sentence(action)} {code ? <ErrorCode code={code} /> : null}{" "}
        {isKnown
          ? "The fields shown are those that were read before."
          : `Fields can still be named by hand, as ${app} calls them.`}
      </p>
    </div>
  );
}

function Quiet({ children }: { children: ReactNode }) {
  return <p className="text-xs text-muted">{children}</p>;
}

function count(number: number): string {
  return number === 1 ? "1 field" : `${number.toLocaleString("en")} fields`;
}
