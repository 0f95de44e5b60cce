import { clsx } from "clsx";
import { useMemo, useState } from "react";
import type { ChosenOperation, ConnectorChoice, ConnectorImport, ImportOperation } from "@/api";
import { Button, Card, Checkbox, Chip, EmptyState, IconButton, SearchInput, Select } from "@/ui";
import { gone, toggle, usable } from "./choice";
import { OperationDetail } from "./operation-detail";
import { Problems } from "./problems";
import { pagesOf, promiseOf } from "./words";

/** Most operations drawn at once; a search narrows them. */
const MOST_SHOWN = 200;

interface OperationsPartProps {
  found: ConnectorImport;
  choice: ConnectorChoice;
  onChange: (choice: ConnectorChoice) => void;
}

/** What the document offers; what is ticked becomes a step. */
export function OperationsPart({ found, choice, onChange }: OperationsPartProps) {
  const [search, setSearch] = useState("");
  const [tag, setTag] = useState("");
  const [open, setOpen] = useState<string | null>(null);
  const tags = useMemo(() => [...new Set(found.operations.flatMap(({ tags }) => tags))].sort(), [found]);
  const shown = useMemo(() => fitting(found.operations, search, tag), [found, search, tag]);
  const chosen = new Map(choice.operations.map((operation) => [operation.key, operation]));
  const take = (keys: readonly string[], on: boolean) =>
    onChange({ ...choice, operations: toggle(choice.operations, keys, on) });
  const offered = shown.filter(usable).map(({ key }) => key);
  const all = offered.length > 0 && offered.every((key) => chosen.has(key));
  const lost = gone(found);
  return (
    <>
      <Card>
        <h2 className="text-lg font-semibold">
          {found.title} <span className="font-normal text-muted">{found.api_version}</span>
        </h2>
        <p className="text-sm text-muted">
          {found.specification} from {found.source}. {found.summary}
        </p>
        {found.earlier ? (
          <p className="mt-2 text-sm">
            <Chip tone="accent">Import again</Chip> What was chosen for{" "}
            <code className="font-mono text-xs">{found.earlier.name}</code> is ticked. You see what changes
            before anything does.
            {lost.length > 0 ? <span className="text-warn"> No longer there: {lost.join(", ")}.</span> : null}
          </p>
        ) : null}
        <div className="mt-2">
          <Problems problems={found.problems} about="on the document" />
        </div>
      </Card>
      <Card flush>
        <div className="flex flex-wrap items-center gap-2 border-b border-border px-4 py-3">
          <div className="min-w-52 flex-1">
            <SearchInput
              label="Search operations"
              placeholder="Search operations"
              value={search}
              onValueChange={setSearch}
            />
          </div>
          {tags.length > 1 ? (
            <Select
              aria-label="Tag"
              className="!w-52"
              value={tag}
              options={[
                { value: "", label: "All tags" },
                ...tags.map((name) => ({ value: name, label: name })),
              ]}
              onValueChange={setTag}
            />
          ) : null}
          <Button size="small" disabled={offered.length === 0} onClick={() => take(offered, !all)}>
            {all ? "Untick these" : `Tick ${offered.length === 1 ? "this one" : `these ${offered.length}`}`}
          </Button>
        </div>
        {shown.length === 0 ? (
          <EmptyState icon="search" title="No operation fits">
            {found.operations.length === 0
              ? "The document describes none."
              : "Try another word, or another tag."}
          </EmptyState>
        ) : (
          <ul aria-label="Operations">
            {shown.slice(0, MOST_SHOWN).map((operation) => (
              <OperationRow
                key={operation.key}
                operation={operation}
                address={choice.base_url}
                chosen={chosen.get(operation.key)}
                open={open === operation.key}
                onOpen={() => setOpen(open === operation.key ? null : operation.key)}
                onTake={(on) => take([operation.key], on)}
                onChange={(next) =>
                  onChange({
                    ...choice,
                    operations: choice.operations.map((known) => (known.key === next.key ? next : known)),
                  })
                }
              />
            ))}
          </ul>
        )}
        {shown.length > MOST_SHOWN ? (
          <p className="border-t border-border px-4 py-3 text-sm text-muted">
            {shown.length - MOST_SHOWN} more fit; narrow the search to see them.
          </p>
        ) : null}
      </Card>
    </>
  );
}

interface OperationRowProps {
  operation: ImportOperation;
  /** Where the connector's API lives. */
  address: string;
  chosen: ChosenOperation | undefined;
  open: boolean;
  onOpen: () => void;
  onTake: (on: boolean) => void;
  onChange: (chosen: ChosenOperation) => void;
}

function OperationRow({ operation, address, chosen, open, onOpen, onTake, onChange }: OperationRowProps) {
  const can = usable(operation);
  const title = chosen?.title || operation.title;
  const pages = pagesOf(chosen?.paging ?? operation.paging);
  return (
    <li className="border-b border-border last:border-b-0">
      <div className="flex items-start gap-3 px-4 py-2">
        <span className="pt-0.5">
          <Checkbox
            aria-label={operation.title}
            checked={chosen !== undefined}
            disabled={!can}
            onCheckedChange={onTake}
          />
        </span>
        <div className="min-w-0 flex-1">
          <p className="flex flex-wrap items-center gap-2">
            <span className={clsx("font-medium", can || "text-muted")}>{title}</span>
            {operation.deprecated ? <Chip tone="warn">Deprecated</Chip> : null}
            {pages ? <Chip>Pages</Chip> : null}
            {can ? (
              <Chip
                tone={promiseOf(chosen?.write ?? operation.write) === "Only reads" ? "neutral" : "accent"}
              >
                {promiseOf(chosen?.write ?? operation.write) === "Only reads" ? "Reads" : "Writes"}
              </Chip>
            ) : (
              <Chip tone="warn">Not supported</Chip>
            )}
          </p>
          <p className="truncate font-mono text-xs text-muted">
            {operation.method} {operation.path}
          </p>
          {operation.unsupported ? (
            <p className="text-sm text-muted">It is left out: {operation.unsupported}.</p>
          ) : null}
          {operation.address && operation.address !== address ? (
            <p className="text-sm text-warn">
              It lives at <code className="font-mono text-xs">{operation.address}</code>, not where the others
              do. Make a connector of that address for it.
            </p>
          ) : null}
        </div>
        {can ? (
          <IconButton
            icon={open ? "chevron-up" : "chevron-down"}
            size="small"
            noTooltip
            aria-expanded={open}
            label={`More about ${operation.title}`}
            onClick={onOpen}
          />
        ) : null}
      </div>
      {open ? (
        <OperationDetail
          operation={operation}
          chosen={chosen}
          onChange={(next) => {
            if (chosen) onChange(next);
          }}
        />
      ) : null}
    </li>
  );
}

function fitting(operations: readonly ImportOperation[], search: string, tag: string): ImportOperation[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return operations.filter((operation) => {
    if (tag && !operation.tags.includes(tag)) return false;
    const text = `${operation.title} ${operation.key} ${operation.name} ${operation.summary}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
