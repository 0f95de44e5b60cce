import type { ChosenOperation, ImportOperation, PagingChoice } from "@/api";
import { Field, Input, Select } from "@/ui";
import { Problems } from "./problems";
import { PAGES, PROMISES } from "./words";

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
      <Field label="When its answer is lost" help="A guess by its method; say only what you know of the app.">
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
        <Paging operation={operation} own={own} disabled={disabled} onChange={onChange} />
      ) : null}
      <div className="sm:col-span-2">
        <Problems problems={operation.problems} about="on this operation" />
        {disabled ? <p className="text-xs text-muted">Tick it to change what was guessed.</p> : null}
      </div>
    </div>
  );
}

interface PagingProps {
  operation: ImportOperation;
  own: ChosenOperation;
  disabled: boolean;
  onChange: (chosen: ChosenOperation) => void;
}

function Paging({ operation, own, disabled, onChange }: PagingProps) {
  const paging = own.paging ?? operation.paging ?? "none";
  const by = paging === "none" ? "none" : paging.next.by;
  const set = (next: PagingChoice | "none") => onChange({ ...own, paging: next });
  const change = (kind: string) => {
    if (kind === "none") return set("none");
    const before = paging === "none" ? { items: operation.paging?.items ?? "" } : paging;
    const next: PagingChoice["next"] = { by: kind };
    if (kind === "cursor") Object.assign(next, { at: "/next_cursor", into: { query: "cursor" } });
    if (kind === "url") Object.assign(next, { at: "/next" });
    if (kind === "page") Object.assign(next, { into: { query: "page" } });
    if (kind === "offset") Object.assign(next, { into: { query: "offset" } });
    return set({ ...before, next });
  };
  const text = (label: string, value: string, onText: (text: string) => void, help?: string) => (
    <Field label={label} help={help}>
      {(control) => (
        <Input
          {...control}
          mono
          size="small"
          disabled={disabled}
          value={value}
          onChange={(event) => onText(event.target.value)}
        />
      )}
    </Field>
  );
  return (
    <>
      <Field label="Pages" className="sm:col-span-2">
        {(control) => (
          <Select
            {...control}
            size="small"
            disabled={disabled}
            value={by}
            options={PAGES.map(([value, label]) => ({ value, label }))}
            onValueChange={change}
          />
        )}
      </Field>
      {paging === "none" ? null : (
        <>
          {text(
            "Where the items are",
            paging.items,
            (items) => set({ ...paging, items }),
            "A path such as /data; empty when the answer is the list.",
          )}
          {"at" in paging.next
            ? text("Where the next page is named", paging.next.at ?? "", (at) =>
                set({ ...paging, next: { ...paging.next, at } }),
              )
            : null}
          {paging.next.into
            ? text("Parameter it goes into", paging.next.into.query ?? "", (query) =>
                set({ ...paging, next: { ...paging.next, into: { query } } }),
              )
            : null}
        </>
      )}
    </>
  );
}
