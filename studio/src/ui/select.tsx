import { clsx } from "clsx";
import { Popover } from "radix-ui";
import { type KeyboardEvent, useEffect, useId, useRef, useState } from "react";
import { Icon, type IconName } from "./icon";
import { CONTROL } from "./input";

export interface SelectOption {
  value: string;
  label: string;
  /** A second, quieter line or remark. */
  hint?: string;
  icon?: IconName;
  disabled?: boolean;
}

interface SelectProps {
  value: string | undefined;
  onValueChange: (value: string) => void;
  options: SelectOption[];
  placeholder?: string;
  disabled?: boolean;
  size?: "small" | "medium";
  className?: string;
  id?: string;
  "aria-label"?: string;
  "aria-describedby"?: string;
  "aria-invalid"?: true;
  required?: boolean;
}

/** Letters typed within this time of one another are one search, in ms. */
const TYPING = 700;

/**
 * One choice of a short list, as the browser's own: arrow keys, Home, End and typing move, Enter or Space chooses,
 * Escape closes. For long or searchable lists use `Combobox`. An option may have the value "".
 *
 * The focus stays on the button and the page stays in reach; Radix' Select hides the whole page while it is open.
 */
export function Select(props: SelectProps) {
  const {
    value,
    onValueChange,
    options,
    placeholder = "Choose…",
    size = "medium",
    className,
    disabled,
  } = props;
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(0);
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const typed = useRef({ text: "", at: 0 });
  const listId = useId();
  const chosen = options.find((option) => option.value === value);

  const show = (index = Math.max(0, chosen ? options.indexOf(chosen) : 0)) => {
    setActive(index);
    setOpen(true);
  };
  const choose = (option: SelectOption | undefined) => {
    if (!option || option.disabled) return;
    setOpen(false);
    if (option.value !== value) onValueChange(option.value);
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey) return;
    const move = moved(event.key, active, options.length);
    if (event.key === "Enter" || (event.key === " " && !isTyping(typed.current))) {
      open ? choose(options[active]) : show();
    } else if (move !== undefined) {
      open ? setActive(move) : show();
    } else if (event.key === "Tab") {
      setOpen(false);
      return;
    } else if (event.key.length === 1) {
      const found = search(options, typed.current, event.key, active);
      if (found >= 0) show(found);
    } else return;
    event.preventDefault();
    // Whatever is around has its own meaning for these keys.
    event.stopPropagation();
  };

  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Anchor asChild>
        <button
          ref={button}
          type="button"
          role="combobox"
          id={props.id}
          aria-label={props["aria-label"]}
          aria-describedby={props["aria-describedby"]}
          aria-invalid={props["aria-invalid"]}
          aria-required={props.required}
          aria-haspopup="listbox"
          aria-expanded={open}
          aria-controls={open ? listId : undefined}
          aria-activedescendant={open ? `${listId}-${active}` : undefined}
          disabled={disabled}
          onClick={() => (open ? setOpen(false) : show())}
          onKeyDown={onKeyDown}
          className={clsx(
            CONTROL,
            "flex items-center justify-between gap-2 text-left",
            size === "small" ? "h-7 px-2 text-xs" : "h-8 px-2.5 text-base",
            className,
          )}
        >
          <span className="flex min-w-0 items-center gap-1.5">
            {chosen?.icon ? <Icon name={chosen.icon} size={15} /> : null}
            <span className={clsx("truncate", !chosen && "text-faint")}>{chosen?.label ?? placeholder}</span>
          </span>
          <Icon name="chevron-down" size={14} className="text-faint" />
        </button>
      </Popover.Anchor>
      <Popover.Portal>
        <Popover.Content
          ref={list}
          id={listId}
          role="listbox"
          aria-label={props["aria-label"] ?? "Options"}
          align="start"
          sideOffset={4}
          collisionPadding={8}
          onOpenAutoFocus={(event) => event.preventDefault()}
          onCloseAutoFocus={(event) => event.preventDefault()}
          // The button opens and closes by itself.
          onInteractOutside={(event) =>
            button.current?.contains(event.target as Node) && event.preventDefault()
          }
          className="z-50 max-h-[min(360px,var(--radix-popover-content-available-height))] min-w-[var(--radix-popover-trigger-width)] animate-[ui-appear_0.12s] overflow-auto rounded-lg border border-border bg-raised p-1 shadow-float"
        >
          {options.map((option, index) => (
            <OptionLine
              key={option.value}
              id={`${listId}-${index}`}
              option={option}
              active={index === active}
              selected={option === chosen}
              onPoint={() => setActive(index)}
              onChoose={() => choose(option)}
            />
          ))}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

interface OptionLineProps {
  id: string;
  option: SelectOption;
  active: boolean;
  selected: boolean;
  onPoint: () => void;
  onChoose: () => void;
}

function OptionLine({ id, option, active, selected, onPoint, onChoose }: OptionLineProps) {
  const line = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (active) line.current?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: keys are handled by the button that owns this listbox
    // biome-ignore lint/a11y/useFocusableInteractive: active-descendant pattern, the line itself is never focused
    <div
      ref={line}
      id={id}
      role="option"
      aria-selected={selected}
      aria-disabled={option.disabled}
      onPointerMove={onPoint}
      onClick={onChoose}
      className={clsx(
        "flex min-h-7 cursor-default items-center gap-2 rounded-sm px-2 py-1 text-sm select-none",
        active && "bg-hover",
        option.disabled && "opacity-50",
      )}
    >
      {option.icon ? <Icon name={option.icon} size={15} className="text-muted" /> : null}
      <span className="min-w-0 flex-1">
        {option.label}
        {option.hint ? <span className="block text-xs text-muted">{option.hint}</span> : null}
      </span>
      <Icon name="check" size={14} className={selected ? "text-accent-text" : "invisible"} />
    </div>
  );
}

/** Where a key leads in a list of that length; undefined for keys that do not move. */
function moved(key: string, from: number, length: number): number | undefined {
  if (key === "ArrowDown") return Math.min(from + 1, length - 1);
  if (key === "ArrowUp") return Math.max(from - 1, 0);
  if (key === "Home") return 0;
  if (key === "End") return length - 1;
  return undefined;
}

function isTyping(typed: { text: string; at: number }): boolean {
  return typed.text !== "" && Date.now() - typed.at < TYPING;
}

/** The next option that begins with what was typed, the same letter again going on to the one after; -1 for none. */
function search(
  options: SelectOption[],
  typed: { text: string; at: number },
  key: string,
  from: number,
): number {
  const text = (isTyping(typed) ? typed.text : "") + key.toLowerCase();
  typed.text = text;
  typed.at = Date.now();
  const repeated = [...text].every((letter) => letter === text[0]);
  const wanted = repeated ? (text[0] ?? "") : text;
  const start = repeated ? from + 1 : from;
  for (let step = 0; step < options.length; step += 1) {
    const index = (start + step) % options.length;
    if (options[index]?.label.toLowerCase().startsWith(wanted)) return index;
  }
  return -1;
}
