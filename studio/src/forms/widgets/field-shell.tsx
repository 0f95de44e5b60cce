import { clsx } from "clsx";
import { type ReactNode, useId } from "react";
import { ErrorCode, Icon, Tooltip } from "@/ui";
import type { FieldMessage } from "../schema/problems";
import { sentence } from "../sentence";
import type { ControlIds } from "./widget";

interface FieldShellProps {
  readonly title: string;
  readonly description?: string | undefined;
  readonly required?: boolean | undefined;
  readonly messages: readonly FieldMessage[];
  /** Something is wrong that is said inside the control. */
  readonly invalid?: boolean;
  readonly aside?: ReactNode;
  /** True for controls that are several controls: they become a named group instead of one labelled box. */
  readonly group?: boolean | undefined;
  /** The control stands at the end of the label's line, for switches. */
  readonly inline?: boolean | undefined;
  /** JSON pointer, so that the editor can bring a problem's field into view. */
  readonly pointer: string;
  readonly children: (control: ControlIds) => ReactNode;
}

/** Label, control, help and messages of one field. */
export function FieldShell(props: FieldShellProps) {
  const { title, description, required, messages, aside, group, inline, pointer, children } = props;
  const id = useId();
  const helpId = description ? `${id}-help` : undefined;
  const messageId = messages.length > 0 ? `${id}-messages` : undefined;
  const control: ControlIds = {
    id,
    labelId: `${id}-label`,
    describedBy: clsx(helpId, messageId) || undefined,
    required: required === true,
    invalid: props.invalid === true || messages.some((message) => message.severity === "error"),
  };
  const label = (
    <>
      {title}
      {required ? (
        <span className="text-bad" aria-hidden>
          {" *"}
        </span>
      ) : null}
    </>
  );
  const named = group ? { role: "group" as const, "aria-labelledby": control.labelId } : {};
  return (
    <div className="flex min-w-0 flex-col gap-1" data-field={pointer} {...named}>
      <div className="flex min-h-[18px] items-center justify-between gap-2">
        {group ? (
          <span id={control.labelId} className="text-xs font-semibold text-muted">
            {label}
          </span>
        ) : (
          <label id={control.labelId} htmlFor={id} className="text-xs font-semibold text-muted">
            {label}
          </label>
        )}
        {inline ? children(control) : aside}
      </div>
      {inline ? null : children(control)}
      <Messages id={messageId} messages={messages} />
      {description ? <Help id={helpId} text={description} /> : null}
    </div>
  );
}

/** The first sentence under the control; what goes on is a tooltip, so that forms stay calm. */
function Help({ id, text }: { id: string | undefined; text: string }) {
  const first = /^.*?[.!?](?=\s|$)/.exec(text)?.[0] ?? text;
  const more = text.slice(first.length).trim();
  return (
    <p className="text-xs text-muted">
      <span id={id}>
        <Inline text={first} />
        {more ? (
          <span className="visually-hidden">
            {" "}
            <Inline text={more} />
          </span>
        ) : null}
      </span>
      {more ? (
        <Tooltip label={<Inline text={more} />} side="left">
          <button
            type="button"
            aria-label="More about this field"
            className="-my-1 inline-grid size-6 place-items-center rounded-sm align-middle text-faint hover:text-text"
          >
            <Icon name="info" size={14} />
          </button>
        </Tooltip>
      ) : null}
    </p>
  );
}

/** Text in which `code` is set as such; descriptors use no other markup. */
function Inline({ text }: { text: string }) {
  return text.split("`").map((piece, index) =>
    index % 2 === 1 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a fixed text have no identity but their place
      <code key={index} className="font-mono text-[0.95em]">
        {piece}
      </code>
    ) : (
      piece
    ),
  );
}

/** What is wrong and what to do about it. */
export function Messages({ id, messages }: { id?: string | undefined; messages: readonly FieldMessage[] }) {
  if (messages.length === 0) return null;
  return (
    <ul id={id} className="flex flex-col gap-0.5">
      {messages.map(({ severity, message, action, code }) => (
        <li
          key={`${severity}${message}`}
          className={clsx("flex items-start gap-1 text-xs", severity === "error" ? "text-bad" : "text-warn")}
        >
          <Icon name={severity === "error" ? "error" : "warning"} size={14} className="mt-px" />
          <span>
            <span className="visually-hidden">{severity === "error" ? "Error: " : "Warning: "}</span>
            {sentence(message)} {sentence(action)} {code ? <ErrorCode code={code} /> : null}
          </span>
        </li>
      ))}
    </ul>
  );
}
