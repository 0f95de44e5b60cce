import { clsx } from "clsx";
import { type ReactNode, useId } from "react";
import { Icon } from "@/ui";
import type { FieldMessage } from "../schema/problems";
import type { ControlIds } from "./widget";

interface FieldShellProps {
  readonly title: string;
  readonly description?: string | undefined;
  readonly required?: boolean | undefined;
  readonly messages: readonly FieldMessage[];
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
    invalid: messages.some((message) => message.severity === "error"),
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
      {description ? (
        <p id={helpId} className="text-xs text-muted">
          {description}
        </p>
      ) : null}
    </div>
  );
}

/** What is wrong and what to do about it. */
export function Messages({ id, messages }: { id?: string | undefined; messages: readonly FieldMessage[] }) {
  if (messages.length === 0) return null;
  return (
    <ul id={id} className="flex flex-col gap-0.5">
      {messages.map(({ severity, message, action }) => (
        <li
          key={`${severity}${message}`}
          className={clsx("flex items-start gap-1 text-xs", severity === "error" ? "text-bad" : "text-warn")}
        >
          <Icon name={severity === "error" ? "error" : "warning"} size={14} className="mt-px" />
          <span>
            <span className="visually-hidden">{severity === "error" ? "Error: " : "Warning: "}</span>
            {sentence(message)} {sentence(action)}
          </span>
        </li>
      ))}
    </ul>
  );
}

/** Server messages follow the lower-case habit of error texts; on screen they are sentences. */
function sentence(text: string): string {
  if (text === "") return "";
  const started = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(started) ? started : `${started}.`;
}
