/** Lists of rows that can be added, removed and put in order, by pointer and by keyboard. */
import { clsx } from "clsx";
import { type DragEvent, type KeyboardEvent, type ReactNode, useRef, useState } from "react";
import { Button, Icon, IconButton } from "@/ui";
import { moved } from "../condition/model";
import { useFormScope } from "../scope";

/** A list value with stable row keys, so that a moved row keeps its focus and its open lists. */
export interface Rows<T> {
  readonly items: readonly T[];
  readonly keys: readonly number[];
  set(index: number, item: T): void;
  add(item: T): void;
  remove(index: number): void;
  move(from: number, to: number): void;
}

let nextKey = 1;

export function useRows<T>(items: readonly T[], onChange: (items: T[]) => void): Rows<T> {
  const keys = useRef<number[]>([]);
  // Undo, or another tab's edit, changes the list from outside; keys are only ever added or cut at the end then.
  while (keys.current.length < items.length) keys.current.push(nextKey++);
  keys.current.length = items.length;
  return {
    items,
    keys: keys.current,
    set: (index, item) => onChange(items.map((old, at) => (at === index ? item : old))),
    add: (item) => onChange([...items, item]),
    remove: (index) => {
      keys.current = keys.current.filter((_, at) => at !== index);
      onChange(items.filter((_, at) => at !== index));
    },
    move: (from, to) => {
      if (to < 0 || to >= items.length || from === to) return;
      keys.current = moved(keys.current, from, to);
      onChange(moved(items, from, to));
    },
  };
}

const ROW_MIME = "application/x-trunkline-row";

interface RowListProps<T> {
  readonly rows: Rows<T>;
  /** "rule", "field": for spoken names. */
  readonly noun: string;
  readonly children: (item: T, index: number) => ReactNode;
  readonly className?: string | undefined;
  /** A small sign in front of a row; the handle takes its place while the row is pointed at. */
  readonly mark?: ((item: T, index: number) => ReactNode) | undefined;
  /** Rows keep at least this many. */
  readonly least?: number;
}

/** The rows, each with its handle in front and its remove button behind. */
export function RowList<T>({ rows, noun, children, className, mark, least = 0 }: RowListProps<T>) {
  const { readOnly } = useFormScope();
  const list = useRef<HTMLUListElement>(null);
  const [over, setOver] = useState<number | null>(null);
  const [dragged, setDragged] = useState<number | null>(null);

  const focusHandle = (index: number) => {
    // After the rows have been drawn in their new order.
    requestAnimationFrame(() =>
      list.current?.querySelector<HTMLElement>(`[data-row-handle="${index}"]`)?.focus(),
    );
  };
  const onKey = (event: KeyboardEvent, index: number) => {
    const to = { ArrowUp: index - 1, ArrowDown: index + 1, Home: 0, End: rows.items.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    rows.move(index, to);
    focusHandle(Math.max(0, Math.min(to, rows.items.length - 1)));
  };
  const drop = (event: DragEvent, index: number) => {
    setOver(null);
    if (dragged === null || !event.dataTransfer.types.includes(ROW_MIME)) return;
    event.preventDefault();
    event.stopPropagation();
    rows.move(dragged, index);
  };

  return (
    <ul ref={list} className={clsx("flex flex-col", className)}>
      {rows.items.map((item, index) => (
        <li
          key={rows.keys[index]}
          className={clsx(
            "group/row relative flex items-start gap-1 border-b border-border py-1 last:border-b-0",
            over === index && dragged !== null && "shadow-[inset_0_2px_0_var(--accent)]",
            dragged === index && "opacity-50",
          )}
          onDragOver={(event) => {
            if (dragged === null || !event.dataTransfer.types.includes(ROW_MIME)) return;
            event.preventDefault();
            setOver(index);
          }}
          onDrop={(event) => drop(event, index)}
        >
          {mark ? (
            <span
              className={clsx(
                "absolute top-1 left-[-5px] grid h-7 w-4 place-items-center",
                !readOnly && "group-focus-within/row:opacity-0 group-hover/row:opacity-0",
              )}
            >
              {mark(item, index)}
            </span>
          ) : null}
          {readOnly ? null : (
            <button
              type="button"
              draggable
              data-row-handle={index}
              aria-label={`Move ${noun} ${index + 1} of ${rows.items.length}`}
              title="Drag to reorder, or press the arrow keys"
              className="-ml-[5px] grid h-7 w-4 shrink-0 cursor-grab place-items-center rounded-sm text-faint opacity-0 group-focus-within/row:opacity-100 group-hover/row:opacity-100 hover:text-text focus-visible:opacity-100"
              onKeyDown={(event) => onKey(event, index)}
              onDragStart={(event) => {
                event.dataTransfer.setData(ROW_MIME, String(index));
                event.dataTransfer.effectAllowed = "move";
                setDragged(index);
              }}
              onDragEnd={() => {
                setDragged(null);
                setOver(null);
              }}
            >
              <Icon name="drag" size={14} />
            </button>
          )}
          <div className="min-w-0 flex-1">{children(item, index)}</div>
          {readOnly || rows.items.length <= least ? null : (
            <IconButton
              icon="close"
              size="small"
              noTooltip
              label={`Remove ${noun} ${index + 1}`}
              className="mt-0.5 opacity-40 group-hover/row:opacity-100 focus-visible:opacity-100"
              onClick={() => rows.remove(index)}
            />
          )}
        </li>
      ))}
    </ul>
  );
}

/** The quiet "+ Add a rule" under a list. */
export function AddRow({ label, onAdd }: { label: string; onAdd: () => void }) {
  const { readOnly } = useFormScope();
  if (readOnly) return null;
  return (
    <Button
      size="small"
      variant="ghost"
      icon="plus"
      className="-ml-2 self-start text-accent-text"
      onClick={onAdd}
    >
      {label}
    </Button>
  );
}
