import { clsx } from "clsx";
import { type DragEvent, useState } from "react";
import { Icon } from "./icon";

type JsonPath = (string | number)[];

interface JsonViewProps {
  value: unknown;
  /** Levels open at first; 2 unless told. */
  openLevels?: number;
  /** Spoken name of the tree: "Output of Score the lead". */
  label: string;
  /** When given, each value can be dragged and pressed, for example to place it as a pill in a field. */
  onPick?: (path: JsonPath, value: unknown) => void;
  /** Fills the drag's data for a path; called on drag start. */
  onDragPath?: (event: DragEvent, path: JsonPath, value: unknown) => void;
  className?: string;
}

/** Entries shown before "show more": a list of a thousand rows must not freeze the panel. */
const PAGE = 50;

/** A value as a tree that folds. Nothing is hidden silently: what is folded says how much it holds. */
export function JsonView({ value, openLevels = 2, label, onPick, onDragPath, className }: JsonViewProps) {
  return (
    <ul aria-label={label} className={clsx("font-mono text-xs leading-[1.6] break-words", className)}>
      <Node
        name={undefined}
        value={value}
        path={[]}
        openLevels={openLevels}
        onPick={onPick}
        onDragPath={onDragPath}
      />
    </ul>
  );
}

interface NodeProps extends Pick<JsonViewProps, "onPick" | "onDragPath"> {
  name: string | number | undefined;
  value: unknown;
  path: JsonPath;
  openLevels: number;
}

function Node({ name, value, path, openLevels, onPick, onDragPath }: NodeProps) {
  const isTree = typeof value === "object" && value !== null && Object.keys(value).length > 0;
  const [open, setOpen] = useState(openLevels > 0);
  const [limit, setLimit] = useState(PAGE);
  const key = name === undefined ? null : <KeyName {...{ name, value, path, onPick, onDragPath }} />;

  if (!isTree) {
    return (
      <li className="flex items-start gap-1 pl-[18px]">
        {key}
        <Leaf value={value} />
      </li>
    );
  }
  const isList = Array.isArray(value);
  const entries: [string | number, unknown][] = isList
    ? value.map((item, index) => [index, item])
    : Object.entries(value as Record<string, unknown>);
  const size = isList ? count(entries.length, "item") : count(entries.length, "field");
  return (
    <li>
      <div className="flex min-h-6 items-center">
        {/* 24 px to hit, 14 px to look at. */}
        <button
          type="button"
          aria-expanded={open}
          aria-label={`${open ? "Fold" : "Open"} ${name ?? "value"}, ${size}`}
          onClick={() => setOpen(!open)}
          className="-ml-[5px] grid size-6 shrink-0 place-items-center rounded-[3px] text-faint hover:bg-hover hover:text-text"
        >
          <Icon name={open ? "chevron-down" : "chevron-right"} size={12} />
        </button>
        {key}
        <span className="text-faint">
          {isList ? "[" : "{"}
          {open ? "" : ` ${size} ${isList ? "]" : "}"}`}
        </span>
      </div>
      {open ? (
        <>
          <ul className="ml-[7px] border-l border-border pl-2">
            {entries.slice(0, limit).map(([childName, child]) => (
              <Node
                key={childName}
                name={childName}
                value={child}
                path={[...path, childName]}
                openLevels={openLevels - 1}
                onPick={onPick}
                onDragPath={onDragPath}
              />
            ))}
            {entries.length > limit ? (
              <li className="pl-[18px]">
                <button
                  type="button"
                  className="text-accent-text hover:underline"
                  onClick={() => setLimit(limit + PAGE * 4)}
                >
                  Show more of the other {(entries.length - limit).toLocaleString("en")}
                </button>
              </li>
            ) : null}
          </ul>
          <span className="pl-[18px] text-faint">{isList ? "]" : "}"}</span>
        </>
      ) : null}
    </li>
  );
}

function KeyName({ name, value, path, onPick, onDragPath }: Omit<NodeProps, "openLevels">) {
  const text = <span className={typeof name === "number" ? "text-faint" : "text-text"}>{name}</span>;
  const colon = <span className="text-faint">:</span>;
  if (!onPick) {
    return (
      <span className="shrink-0">
        {text}
        {colon}
      </span>
    );
  }
  return (
    <button
      type="button"
      draggable={onDragPath !== undefined}
      onDragStart={(event) => onDragPath?.(event, path, value)}
      onClick={() => onPick(path, value)}
      title="Drag into a field, or press to insert"
      className="shrink-0 cursor-grab rounded-[3px] px-0.5 hover:bg-accent-soft hover:text-accent-text"
    >
      {text}
      {colon}
    </button>
  );
}

function Leaf({ value }: { value: unknown }) {
  if (value === null || value === undefined) return <span className="text-faint italic">empty</span>;
  if (typeof value === "string") {
    return value === "" ? (
      <span className="text-faint italic">empty text</span>
    ) : (
      <span className="min-w-0 text-data-text">{value}</span>
    );
  }
  if (typeof value === "number") return <span className="text-lead-text tabular">{value}</span>;
  if (typeof value === "boolean") return <span className="text-trigger-text">{value ? "yes" : "no"}</span>;
  return <span className="text-faint italic">{Array.isArray(value) ? "empty list" : "empty record"}</span>;
}

function count(amount: number, noun: string): string {
  return `${amount.toLocaleString("en")} ${noun}${amount === 1 ? "" : "s"}`;
}
