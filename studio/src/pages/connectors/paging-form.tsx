import type { ChosenOperation, ImportOperation, PagingChoice, PagingSpot } from "@/api";
import { Field, Input, Select } from "@/ui";
import { PAGES } from "./words";

interface PagingFormProps {
  operation: ImportOperation;
  own: ChosenOperation;
  disabled: boolean;
  onChange: (chosen: ChosenOperation) => void;
}

/** How the list of an operation comes in pages. */
export function PagingForm({ operation, own, disabled, onChange }: PagingFormProps) {
  const paging = own.paging ?? operation.paging ?? "none";
  const set = (next: PagingChoice | "none") => onChange({ ...own, paging: next });
  return (
    <>
      <Field label="Pages" className="sm:col-span-2">
        {(control) => (
          <Select
            {...control}
            size="small"
            disabled={disabled}
            value={paging === "none" ? "none" : paging.next.by}
            options={PAGES.map(([value, label]) => ({ value, label }))}
            onValueChange={(by) => set(by === "none" ? "none" : changed(paging, operation, by))}
          />
        )}
      </Field>
      {paging === "none" ? null : <Parts paging={paging} disabled={disabled} onChange={set} />}
    </>
  );
}

interface PartsProps {
  paging: PagingChoice;
  disabled: boolean;
  onChange: (paging: PagingChoice) => void;
}

function Parts({ paging, disabled, onChange }: PartsProps) {
  const { next, size } = paging;
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
  const setNext = (change: Partial<PagingChoice["next"]>) =>
    onChange({ ...paging, next: { ...next, ...change } });
  const setSize = (parameter: string, most: number) => {
    if (parameter.trim() !== "") {
      onChange({ ...paging, size: { into: renamed(size?.into, parameter), most } });
      return;
    }
    const { size: _, ...rest } = paging;
    onChange(rest);
  };
  return (
    <>
      {text(
        "Where the items are",
        paging.items,
        (items) => onChange({ ...paging, items }),
        "A path such as /data; empty when the answer is the list.",
      )}
      {next.by === "cursor" || next.by === "url"
        ? text(
            "Where the next page is named",
            next.at ?? "",
            (at) => setNext({ at }),
            "A path such as /next.",
          )
        : null}
      {next.into
        ? text("Parameter it goes into", nameOf(next.into), (name) =>
            setNext({ into: renamed(next.into, name) }),
          )
        : null}
      {next.by === "page"
        ? text("The first page is number", String(next.first ?? 1), (number) =>
            setNext({ first: whole(number, 0) }),
          )
        : null}
      {next.by === "cursor"
        ? text(
            "Where it says that there is more",
            next.more ?? "",
            (more) => setNext({ more: more.trim() === "" ? undefined : more }),
            "A path such as /has_more; may be empty.",
          )
        : null}
      {text(
        "Parameter for the size of a page",
        nameOf(size?.into),
        (name) => setSize(name, size?.most ?? 50),
        "Empty when the app decides.",
      )}
      {size
        ? text("Most items of a page", String(size.most), (most) =>
            setSize(nameOf(size.into), whole(most, 1)),
          )
        : null}
    </>
  );
}

/** Another way to come to the next page, with what is usual for it. */
function changed(paging: PagingChoice | "none", operation: ImportOperation, by: string): PagingChoice {
  const before = paging === "none" ? { items: operation.paging?.items ?? "" } : paging;
  const usual: Record<string, Omit<PagingChoice["next"], "by">> = {
    cursor: { at: "/next_cursor", into: { query: "cursor" } },
    url: { at: "/next" },
    page: { into: { query: "page" }, first: 1 },
    offset: { into: { query: "offset" } },
  };
  // What was guessed of this operation is likelier than what is usual.
  const guessed = operation.paging?.next.by === by ? operation.paging.next : undefined;
  return { ...before, next: guessed ?? { by, ...usual[by] } };
}

function nameOf(spot: PagingSpot | undefined): string {
  return spot?.query ?? spot?.json ?? spot?.form ?? "";
}

/** The same place under another name. */
function renamed(spot: PagingSpot | undefined, name: string): PagingSpot {
  if (spot?.json !== undefined) return { json: name };
  if (spot?.form !== undefined) return { form: name };
  return { query: name };
}

function whole(text: string, least: number): number {
  const number = Number.parseInt(text, 10);
  return Number.isNaN(number) ? least : Math.max(least, number);
}
