import type { ChosenOperation, ImportOperation } from "@/api";
import { Field, Input, Select } from "@/ui";
import { PagingForm } from "./paging-form";
import { Problems } from "./problems";
import { PROMISES } from "./words";

interface OperationDetailProps {
  operation: ImportOperation;
  /** What was chosen; the fields can be changed once it is. */
  chosen: ChosenOperation | undefined;
  onChange: (chosen: ChosenOperation) => void;
}

/** What was guessed of an operation, to be corrected. */
export function OperationDetail({ operation, chosen, onChange }: OperationDetailProps) {
  const disabled = chosen === undefined;
  const own: ChosenOperation = chosen ?? { key: operation.key };
  const write = own.write ?? operation.write;
  const promise = !write || write === "reads" ? "reads" : write.repeat;
  const promises = PROMISES.some(([value]) => value === promise)
    ? PROMISES
    : ([...PROMISES, [promise, "The app recognises a repeat"]] as const);
  return (
    <div className="grid gap-3 border-t border-border bg-sunken px-4 py-3 pl-11 sm:grid-cols-2">
      <p className="text-sm text-muted sm:col-span-2">
        {operation.summary}{" "}
        {operation.inputs.length > 0 ? (
          <>
            It is given{" "}
            {operation.inputs.slice(0, 12).map((name, at) => (
              <span key={name}>
                {at > 0 ? ", " : ""}
                <code className="font-mono text-xs">{name}</code>
                {operation.required.includes(name) ? "*" : ""}
              </span>
            ))}
            {operation.inputs.length > 12 ? ` and ${operation.inputs.length - 12} more` : ""}.
          </>
        ) : (
          "It is given nothing."
        )}
      </p>
      <Field label="Title">
        {(control) => (
          <Input
            {...control}
            size="small"
            disabled={disabled}
            value={own.title ?? operation.title}
            onChange={(event) => onChange({ ...own, title: event.target.value })}
          />
        )}
      </Field>
      <Field
        label="Name in documents"
        help="Small letters, digits and _. Another name makes steps that use it look for the old one."
      >
        {(control) => (
          <Input
            {...control}
            mono
            size="small"
            disabled={disabled}
            value={own.name ?? operation.name}
            onChange={(event) => onChange({ ...own, name: event.target.value })}
          />
        )}
      </Field>
      <Field
        label="When its answer is lost"
        help="A guess by its method; say only what you know of the app."
        className="sm:col-span-2"
      >
        {(control) => (
          <Select
            {...control}
            size="small"
            disabled={disabled}
            value={promise}
            options={promises.map(([value, label]) => ({ value, label }))}
            onValueChange={(value) =>
              onChange({ ...own, write: value === "reads" ? "reads" : { repeat: value } })
            }
          />
        )}
      </Field>
      {promise === "reads" ? (
        <PagingForm operation={operation} own={own} disabled={disabled} onChange={onChange} />
      ) : null}
      <div className="sm:col-span-2">
        <Problems problems={operation.problems} about="on this operation" />
        {disabled ? <p className="text-xs text-muted">Tick it to change what was guessed.</p> : null}
      </div>
    </div>
  );
}
