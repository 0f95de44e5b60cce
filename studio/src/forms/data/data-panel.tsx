/**
 * What earlier steps put out, as a tree with sample values. Each line can be dragged into a field, or put into the
 * field last used by clicking it or pressing Enter.
 */
import { clsx } from "clsx";
import { type KeyboardEvent, useMemo, useRef, useState, useSyncExternalStore } from "react";
import { EmptyState, Icon, SearchInput, toast } from "@/ui";
import { pillColours } from "../template/pill-chip";
import {
  type AvailableData,
  type DataNode,
  holeOf,
  inShort,
  leavesOf,
  type SampleOrigin,
  searchLeaves,
  treeOf,
} from "./available";
import { currentInsertTarget, insertIntoLastField, PILL_MIME, subscribeInsertTarget } from "./insert-target";

interface DataPanelProps {
  readonly available: readonly AvailableData[];
  /** Called instead of inserting into the field last used. */
  readonly onInsert?: (template: string) => void;
  readonly className?: string;
}

const ORIGIN_WORDS: Record<SampleOrigin, string> = {
  pinned: "pinned sample",
  run: "from the last run",
  example: "example",
  none: "no sample yet",
};

export function DataPanel({ available, onInsert, className }: DataPanelProps) {
  const [search, setSearch] = useState("");
  const tree = useRef<HTMLDivElement>(null);
  const found = useMemo(
    () => (search.trim() === "" ? null : searchLeaves(leavesOf(available), search)),
    [available, search],
  );
  const target = useSyncExternalStore(subscribeInsertTarget, currentInsertTarget);

  const insert = (node: DataNode) => {
    const hole = holeOf(node);
    if (onInsert) onInsert(hole);
    else if (!insertIntoLastField(hole)) {
      toast({
        title: "Choose a field first",
        description: "Click into the field that should get this value.",
      });
    }
  };

  if (available.length === 0) {
    return (
      <EmptyState icon="braces" title="No data yet" className={className}>
        Nothing comes before this step. Connect a trigger or another step to it; what those put out can be
        used here.
      </EmptyState>
    );
  }
  return (
    <div className={clsx("flex min-h-0 flex-col gap-2", className)}>
      <SearchInput
        value={search}
        onValueChange={setSearch}
        label="Search the data"
        placeholder="Search fields and values"
      />
      <p className="text-xs text-muted" aria-live="polite">
        {found
          ? countInWords(found.length)
          : target
            ? `Click puts a field into “${target.label}”.`
            : "Drag a field to where it is needed."}
      </p>
      <div
        ref={tree}
        role="tree"
        aria-label="Data of earlier steps"
        className="min-h-0 flex-1 overflow-auto pb-2"
        tabIndex={-1}
        onKeyDown={(event) => walk(event, tree.current)}
      >
        {found
          ? found.map((leaf) => (
              <NodeRow
                key={leaf.node.path.join("/")}
                node={{ ...leaf.node, children: [], label: leaf.trail || leaf.root.title }}
                root={leaf.root}
                depth={0}
                onInsert={insert}
                note={leaf.trail ? leaf.root.title : undefined}
              />
            ))
          : available.map((root, index) => (
              <RootSection
                key={root.path.join("/")}
                root={root}
                startsOpen={index < 3 || root.path[0] === "trigger"}
                onInsert={insert}
              />
            ))}
      </div>
    </div>
  );
}

function countInWords(count: number): string {
  if (count === 0) return "Nothing matches.";
  return count === 1 ? "1 field matches." : `${count} fields match.`;
}

interface RootSectionProps {
  readonly root: AvailableData;
  readonly startsOpen: boolean;
  readonly onInsert: (node: DataNode) => void;
}

function RootSection({ root, startsOpen, onInsert }: RootSectionProps) {
  const own: DataNode = useMemo(
    () => ({ path: root.path, label: root.title, value: root.sample, children: treeOf(root) }),
    [root],
  );
  return <NodeRow node={own} root={root} depth={0} startsOpen={startsOpen} isRoot onInsert={onInsert} />;
}

interface NodeRowProps {
  readonly node: DataNode;
  readonly root: AvailableData;
  readonly depth: number;
  readonly onInsert: (node: DataNode) => void;
  readonly startsOpen?: boolean;
  readonly isRoot?: boolean;
  readonly note?: string | undefined;
}

function NodeRow({ node, root, depth, onInsert, startsOpen = false, isRoot = false, note }: NodeRowProps) {
  const folds = node.children.length > 0;
  // The body of a trigger is what people look for; it stands open.
  const [open, setOpen] = useState(startsOpen || (depth === 1 && node.path.at(-1) === "body"));
  const hole = holeOf(node);
  return (
    <div className={clsx(isRoot && "mb-1.5")}>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the keys of all rows are handled by the tree around them */}
      <div
        role="treeitem"
        aria-level={depth + 1}
        aria-expanded={folds ? open : undefined}
        aria-selected={false}
        aria-label={`${node.label}, ${inShort(node.value)}`}
        tabIndex={isRoot || depth === 0 ? 0 : -1}
        draggable
        data-hole={hole}
        className={clsx(
          "group/node flex min-h-7 cursor-grab items-center gap-1.5 rounded-sm pr-2 select-none hover:bg-hover",
          isRoot && "font-semibold",
        )}
        style={{ paddingLeft: 4 + depth * 14 }}
        onClick={() => (folds && isRoot ? setOpen(!open) : onInsert(node))}
        onDragStart={(event) => {
          event.stopPropagation();
          event.dataTransfer.setData(PILL_MIME, hole);
          event.dataTransfer.setData("text/plain", hole);
          event.dataTransfer.effectAllowed = "copy";
        }}
      >
        {folds ? (
          <button
            type="button"
            tabIndex={-1}
            aria-hidden
            data-toggle=""
            className="grid size-4 shrink-0 place-items-center rounded-[3px] text-faint hover:text-text"
            onClick={(event) => {
              event.stopPropagation();
              setOpen(!open);
            }}
          >
            <Icon name={open ? "chevron-down" : "chevron-right"} size={12} />
          </button>
        ) : (
          <span className="w-4 shrink-0" />
        )}
        <span
          className={clsx(
            "inline-flex h-5 min-w-0 shrink-0 items-center gap-1 rounded-[5px] px-1.5 text-xs font-medium",
            pillColours(root.category),
            "max-w-[70%]",
          )}
        >
          {isRoot && root.icon ? <Icon name={root.icon} size={12} /> : null}
          <span className="truncate">{node.label}</span>
        </span>
        <span className="min-w-0 flex-1 truncate text-xs font-normal text-muted tabular">
          {isRoot ? ORIGIN_WORDS[root.origin ?? "none"] : inShort(node.value, 80)}
        </span>
        {note ? <span className="shrink-0 text-2xs text-faint">{note}</span> : null}
      </div>
      {folds && open ? (
        // biome-ignore lint/a11y/useSemanticElements: a fieldset is no part of a tree
        <div role="group">
          {node.children.map((child) => (
            <NodeRow
              key={String(child.path.at(-1))}
              node={child}
              root={root}
              depth={depth + 1}
              onInsert={onInsert}
            />
          ))}
        </div>
      ) : null}
      {isRoot && !folds ? (
        <p className="py-1 pl-7 text-xs text-muted">
          {root.sample === undefined
            ? "Test this step or run the draft to see its data."
            : inShort(root.sample)}
        </p>
      ) : null}
    </div>
  );
}

/** Arrow keys as in any tree: up and down walk, right opens, left closes, Enter inserts. */
function walk(event: KeyboardEvent, tree: HTMLElement | null): void {
  const items = [...(tree?.querySelectorAll<HTMLElement>('[role="treeitem"]') ?? [])];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const item = items[at];
  if (!item) return;
  const expanded = item.getAttribute("aria-expanded");
  const toggle = item.querySelector<HTMLElement>("[data-toggle]");
  switch (event.key) {
    case "ArrowDown":
      items[at + 1]?.focus();
      break;
    case "ArrowUp":
      items[at - 1]?.focus();
      break;
    case "Home":
      items[0]?.focus();
      break;
    case "End":
      items.at(-1)?.focus();
      break;
    case "ArrowRight":
      if (expanded === "false") toggle?.click();
      else items[at + 1]?.focus();
      break;
    case "ArrowLeft":
      if (expanded === "true") toggle?.click();
      else parentOf(items, at)?.focus();
      break;
    case "Enter":
      item.click();
      break;
    default:
      return;
  }
  event.preventDefault();
  event.stopPropagation();
}

function parentOf(items: readonly HTMLElement[], at: number): HTMLElement | undefined {
  const level = Number(items[at]?.getAttribute("aria-level"));
  return items.slice(0, at).findLast((item) => Number(item.getAttribute("aria-level")) < level);
}
