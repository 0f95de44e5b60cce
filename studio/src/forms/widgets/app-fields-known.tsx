/** What is known of an app's fields or choices, how old it is, and what stood in the way. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { type AppField, connectionKeys, connectionsApi, tell, useAppFields } from "@/api";
import { Moment } from "@/app/moment";
import { ErrorCode, Icon, IconButton, Skeleton } from "@/ui";
import type { FormField } from "../schema/read";
import { sentence } from "../sentence";
import { recordOf, textOf } from "./widget";

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

/** What is asked for: fields that are filled, or something that is chosen. */
type Noun = "field" | "choice";

type Siblings = Readonly<Record<string, unknown>>;

export function useKnownFields(field: FormField, siblings: Siblings, noun: Noun = "field"): KnownFields {
  const connection = textOf(siblings.connection);
  const source = textOf(field.schema["x-fields"]);
  const app = textOf(field.schema["x-app-name"]) || "the app";
  const { given, missing } = dependencies(field, siblings);
  const client = useQueryClient();
  const read = useAppFields(connection, source, given, connection !== "" && !missing);
  const again = useMutation({
    mutationFn: () => connectionsApi.fields(connection, source, given, true),
    onSuccess: (fields) => client.setQueryData(connectionKeys.fields(connection, source, given), fields),
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
      line: <Quiet>Choose a connection; the {noun}s of that account then appear here.</Quiet>,
    };
  }
  if (missing) {
    return {
      ...known,
      line: (
        <Quiet>
          Fill in “{missing}”; the {noun}s that {app} has for it then appear here.
        </Quiet>
      ),
    };
  }
  if (read.isPending) {
    return {
      ...known,
      line: (
        <div role="status" className="flex flex-col gap-1.5">
          <Quiet>
            Reading the {noun}s of {app}…
          </Quiet>
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
                {count(items.length, noun)} of {app}, read <Moment at={read.data.read_at} />
              </>
            ) : (
              `The ${noun}s of ${app} are not known.`
            )}
          </span>
          <IconButton
            icon="refresh"
            size="small"
            label={`Read the ${noun}s of ${app} again`}
            aria-busy={again.isPending}
            className={again.isPending ? "animate-spin" : ""}
            onClick={() => {
              if (!again.isPending) again.mutate();
            }}
          />
        </div>
        {trouble ? <Refusal app={app} noun={noun} isKnown={read.data !== undefined} {...trouble} /> : null}
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

interface RefusalProps extends Trouble {
  readonly app: string;
  readonly noun: Noun;
  readonly isKnown: boolean;
}

/** Why the fields could not be read, at the place where they would stand. */
function Refusal({ app, noun, isKnown, message, action, code }: RefusalProps) {
  return (
    <div
      role="alert"
      className="flex items-start gap-2 rounded-md border border-warn-line bg-warn-soft p-2 text-xs"
    >
      <Icon name="warning" size={14} className="mt-px shrink-0 text-warn" />
      <p>
        {sentence(message)} {sentence(action)} {code ? <ErrorCode code={code} /> : null}{" "}
        {isKnown
          ? `The ${noun}s shown are those that were read before.`
          : `A ${noun} can still be named by hand, as ${app} calls it.`}
      </p>
    </div>
  );
}

function Quiet({ children }: { children: ReactNode }) {
  return <p className="text-xs text-muted">{children}</p>;
}

function count(number: number, noun: Noun): string {
  return number === 1 ? `1 ${noun}` : `${number.toLocaleString("en")} ${noun}s`;
}

/** What the form holds of that on which the fields depend, and what is still missing of it, by its title. */
function dependencies(field: FormField, siblings: Siblings) {
  const given: Record<string, string> = {};
  let missing: string | undefined;
  for (const [name, about] of Object.entries(recordOf(field.schema["x-depends"]))) {
    const { title, usual, needed } = recordOf(about);
    const value = textOf(siblings[name]).trim() || textOf(usual);
    // What is only known when the step runs says nothing here.
    if (value !== "" && !value.includes("{{")) given[name] = value;
    else if (needed === true) missing ??= textOf(title);
  }
  return { given, missing };
}
