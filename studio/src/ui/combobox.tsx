import { clsx } from "clsx";
import { Popover } from "radix-ui";
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { Icon } from "./icon";
import { CONTROL } from "./input";
import type { SelectOption } from "./select";

interface ComboboxProps {
  value: string | undefined;
  onValueChange: (value: string) => void;
  options: SelectOption[];
  placeholder?: string;
  searchPlaceholder?: string;
  /** Said when the search finds nothing. */
  emptyText?: ReactNode;
  /** When given, a search that matches no option offers to create it. */
  onCreate?: (text: string) => void;
  /** Words of that offer; `Create “…”` unless told. */
  createLabel?: (text: string) => string;
  disabled?: boolean;
  className?: string;
  id?: string;
  "aria-label"?: string;
  "aria-describedby"?: string;
  "aria-invalid"?: true;
  required?: boolean;
}

/** Options whose label or hint holds every word of the search, in the order given. */
export function matchOptions(options: SelectOption[], search: string): SelectOption[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return options.filter((option) => {
    const text = `${option.label} ${option.hint ?? ""}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** Rows drawn at once; who looks for another types. */
const MOST_ROWS = 200;

/** One choice of a long list, found by typing. Arrow keys move, Enter chooses, Escape closes. */
export function Combobox(props: ComboboxProps) {
  const {
    value,
    onValueChange,
    options,
    placeholder = "Choose…",
    disabled,
    className,
    required: _required,
  } = props;
  const [open, setOpen] = useState(false);
  const chosen = options.find((option) => option.value === value);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger
        id={props.id}
        aria-label={props["aria-label"]}
        aria-describedby={props["aria-describedby"]}
        aria-invalid={props["aria-invalid"]}
        disabled={disabled}
        className={clsx(
          CONTROL,
          "flex h-8 items-center justify-between gap-2 px-2.5 text-left text-base",
          className,
        )}
      >
        <span className={clsx("truncate", !chosen && "text-faint")}>
          {chosen?.label ?? (value || placeholder)}
        </span>
        <Icon name="chevron-down" size={14} className="text-faint" />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          aria-label={props["aria-label"] ?? placeholder}
          align="start"
          sideOffset={4}
          collisionPadding={8}
          className="z-50 w-[max(240px,var(--radix-popover-trigger-width))] animate-[ui-appear_0.12s] rounded-lg border border-border bg-raised shadow-float"
        >
          <OptionSearch
            {...props}
            onChoose={(next) => {
              onValueChange(next);
              setOpen(false);
            }}
            onCreated={() => setOpen(false)}
          />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

interface OptionSearchProps
  extends Pick<
    ComboboxProps,
    "value" | "options" | "searchPlaceholder" | "emptyText" | "onCreate" | "createLabel"
  > {
  onChoose: (value: string) => void;
  onCreated?: () => void;
}

/** The searchable list inside a combobox; also for own pickers such as the command palette. */
export function OptionSearch({
  value,
  options,
  searchPlaceholder = "Search…",
  emptyText = "Nothing matches.",
  onCreate,
  createLabel = (text) => `Create “${text}”`,
  onChoose,
  onCreated,
}: OptionSearchProps) {
  const [search, setSearch] = useState("");
  const matching = matchOptions(options, search);
  const found = matching.slice(0, MOST_ROWS);
  const name = search.trim();
  const creatable =
    onCreate !== undefined &&
    name !== "" &&
    !options.some((option) => option.label.toLowerCase() === name.toLowerCase());
  const count = found.length + (creatable ? 1 : 0);
  const [active, setActive] = useState(() =>
    Math.max(
      0,
      found.findIndex((option) => option.value === value),
    ),
  );
  const current = Math.min(active, Math.max(0, count - 1));
  const listId = useId();
  const list = useRef<HTMLDivElement>(null);

  useEffect(() => {
    list.current?.querySelector(`[data-index="${current}"]`)?.scrollIntoView({ block: "nearest" });
  }, [current]);

  const choose = (index: number) => {
    const option = found[index];
    if (option) {
      if (!option.disabled) onChoose(option.value);
    } else if (creatable) {
      onCreate?.(name);
      onCreated?.();
    }
  };

  const onKeyDown = (event: KeyboardEvent) => {
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (move) {
      event.preventDefault();
      if (count > 0) setActive((current + move + count) % count);
    } else if (event.key === "Enter") {
      event.preventDefault();
      choose(current);
    }
  };

  return (
    <>
      <input
        role="combobox"
        aria-expanded="true"
        aria-controls={listId}
        aria-activedescendant={count > 0 ? `${listId}-${current}` : undefined}
        aria-label="Search"
        autoComplete="off"
        className="h-9 w-full border-b border-border bg-transparent px-3 text-base outline-none"
        placeholder={searchPlaceholder}
        value={search}
        onChange={(event) => {
          setSearch(event.target.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div ref={list} id={listId} role="listbox" aria-label="Options" className="max-h-64 overflow-auto p-1">
        {found.map((option, index) => (
          <OptionRow
            key={option.value}
            id={`${listId}-${index}`}
            index={index}
            active={index === current}
            selected={option.value === value}
            disabled={option.disabled}
            onPoint={() => setActive(index)}
            onChoose={() => choose(index)}
          >
            {option.icon ? <Icon name={option.icon} size={15} className="text-muted" /> : null}
            <span className="min-w-0 flex-1">
              <span className="block truncate">{option.label}</span>
              {option.hint ? <span className="block truncate text-xs text-muted">{option.hint}</span> : null}
            </span>
          </OptionRow>
        ))}
        {creatable ? (
          <OptionRow
            id={`${listId}-${found.length}`}
            index={found.length}
            active={current === found.length}
            selected={false}
            onPoint={() => setActive(found.length)}
            onChoose={() => choose(found.length)}
          >
            <Icon name="plus" size={15} className="text-accent-text" />
            <span className="truncate text-accent-text">{createLabel(name)}</span>
          </OptionRow>
        ) : null}
      </div>
      {count === 0 ? <p className="px-3 pb-3 text-sm text-muted">{emptyText}</p> : null}
      {matching.length > found.length ? (
        <p className="border-t border-border px-3 py-2 text-xs text-muted">
          {(matching.length - found.length).toLocaleString("en")} more; type to find them.
        </p>
      ) : null}
    </>
  );
}

function OptionRow(props: {
  id: string;
  index: number;
  active: boolean;
  selected: boolean;
  disabled?: boolean | undefined;
  onPoint: () => void;
  onChoose: () => void;
  children: ReactNode;
}) {
  return (
    // The search box keeps the focus and handles the keys; rows only answer the pointer.
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the combobox input that owns this listbox
    // biome-ignore lint/a11y/useFocusableInteractive: active-descendant pattern, the row itself is never focused
    <div
      id={props.id}
      role="option"
      aria-selected={props.selected}
      aria-disabled={props.disabled}
      data-index={props.index}
      className={clsx(
        "flex min-h-7 cursor-default items-center gap-2 rounded-sm px-2 py-1 text-sm select-none",
        props.active && "bg-hover",
        props.disabled && "opacity-50",
      )}
      onPointerMove={props.onPoint}
      onClick={props.onChoose}
    >
      {props.children}
      {props.selected ? <Icon name="check" size={14} className="text-accent-text" /> : null}
    </div>
  );
}
