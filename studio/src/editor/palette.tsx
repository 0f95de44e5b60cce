/** The kinds of steps to choose from: by search and Enter, by a click, or by dragging one onto the canvas. */
import { clsx } from "clsx";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import { KIND_MIME } from "@/canvas";
import { countSteps } from "@/document/graph";
import type { Graph, StepKind } from "@/document/types";
import { CategoryTile, IconButton, Input, Kbd } from "@/ui";
import { useEditor, useGraph, useSession } from "./editor-context";
import { allowedCategories, CATEGORY_TITLES, searchKinds } from "./palette-search";
import type { PaletteTarget } from "./session-store";

export function Palette({ target }: { target: PaletteTarget }) {
  const { kinds, actions, session, canvas } = useEditor();
  const graph = useGraph();
  const inBody = useSession((state) => state.path.length > 0);
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const [dragging, setDragging] = useState(false);
  const panel = useRef<HTMLDivElement>(null);
  const list = useId();
  const empty = countSteps(graph) === 0;
  const groups = useMemo(
    () => searchKinds(kinds, query, allowedCategories(kinds, inBody, empty)),
    [kinds, query, inBody, empty],
  );
  const flat = groups.flatMap((group) => group.kinds);
  const chosen = flat[Math.min(active, flat.length - 1)];

  // biome-ignore lint/correctness/useExhaustiveDependencies: asked for again, it takes the focus again
  useEffect(() => {
    panel.current?.querySelector("input")?.focus();
  }, [target]);
  useEffect(() => {
    if (chosen) document.getElementById(`${list}-${chosen.kind}`)?.scrollIntoView({ block: "nearest" });
  }, [chosen, list]);

  const close = () => {
    session.getState().patch({ palette: null });
    const [selected] = session.getState().selection;
    if (selected) canvas.current?.focus(selected);
  };

  const takeKey = (event: KeyboardEvent) => {
    if (event.key === "Escape") close();
    else if (event.key === "ArrowDown") setActive(Math.min(active + 1, flat.length - 1));
    else if (event.key === "ArrowUp") setActive(Math.max(active - 1, 0));
    else if (event.key === "Enter" && chosen) actions.addKind(chosen);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <section
      ref={panel}
      aria-label="Add a step"
      onKeyDown={takeKey}
      className={clsx(
        "absolute top-3 right-3 bottom-3 z-10 flex w-[320px] animate-[ui-slide-in_0.14s] flex-col rounded-xl border border-border bg-raised shadow-float",
        // The panel must not hide the place a step is dragged to.
        dragging && "opacity-35",
      )}
    >
      <header className="flex items-center gap-2 px-3 pt-2.5 pb-2">
        <div className="min-w-0 flex-1">
          <h2 className="text-base font-semibold">Add a step</h2>
          <p className="truncate text-xs text-muted">{whereWords(target, graph)}</p>
        </div>
        <IconButton icon="close" label="Close" kbd="Esc" onClick={close} />
      </header>
      <div className="px-3 pb-2">
        <Input
          icon="search"
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setActive(0);
          }}
          aria-label="Search steps"
          placeholder="What should happen next?"
          spellCheck={false}
          role="combobox"
          aria-expanded
          aria-controls={list}
          aria-activedescendant={chosen ? `${list}-${chosen.kind}` : undefined}
          autoComplete="off"
        />
      </div>
      <div id={list} role="listbox" aria-label="Steps" className="min-h-0 flex-1 overflow-y-auto px-1.5 pb-2">
        {groups.map((group) => (
          // biome-ignore lint/a11y/useSemanticElements: a group of options, not of form fields
          <div key={group.category} role="group" aria-label={CATEGORY_TITLES[group.category]}>
            <div aria-hidden className="px-2 pt-2 pb-1 text-2xs font-semibold text-faint">
              {CATEGORY_TITLES[group.category]}
            </div>
            {group.kinds.map((kind) => (
              <KindOption
                key={kind.kind}
                id={`${list}-${kind.kind}`}
                kind={kind}
                active={kind === chosen}
                onPoint={() => setActive(flat.indexOf(kind))}
                onChoose={() => actions.addKind(kind)}
                onDragging={setDragging}
              />
            ))}
          </div>
        ))}
        {flat.length === 0 ? (
          <p className="px-3 py-8 text-center text-sm text-muted">
            Nothing is called “{query}”. Try what it does: wait, e-mail, owner, http.
          </p>
        ) : null}
      </div>
      <footer className="flex items-center gap-1.5 border-t border-border px-3 py-2 text-xs text-muted">
        <Kbd>↑↓</Kbd> choose <Kbd>Enter</Kbd> add <span className="ml-auto">or drag onto the canvas</span>
      </footer>
    </section>
  );
}

interface KindOptionProps {
  id: string;
  kind: StepKind;
  active: boolean;
  onPoint(): void;
  onChoose(): void;
  onDragging(dragging: boolean): void;
}

function KindOption({ id, kind, active, onPoint, onChoose, onDragging }: KindOptionProps) {
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the search field keeps the focus and names the active option
    // biome-ignore lint/a11y/useKeyWithClickEvents: Enter in the search field chooses
    <div
      id={id}
      role="option"
      aria-selected={active}
      draggable
      onDragStart={(event) => {
        event.dataTransfer.setData(KIND_MIME, kind.kind);
        event.dataTransfer.effectAllowed = "copy";
        onDragging(true);
      }}
      onDragEnd={() => onDragging(false)}
      onMouseMove={active ? undefined : onPoint}
      onClick={onChoose}
      className={clsx("flex cursor-grab gap-2.5 rounded-lg px-2 py-1.5", active && "bg-hover")}
    >
      <CategoryTile category={kind.category} icon={kind.icon} size={28} />
      <div className="min-w-0 flex-1">
        <div className="text-sm leading-tight font-medium">{kind.title}</div>
        <div className="line-clamp-2 text-xs leading-snug text-muted">{kind.summary}</div>
      </div>
    </div>
  );
}

function whereWords(target: PaletteTarget, graph: Graph): string {
  const title = (id: string) => `“${graph.steps[id]?.title ?? id}”`;
  if (target.where === "after") return `after ${title(target.step)}`;
  if (target.where === "edge") return `between ${title(target.edge.from)} and ${title(target.edge.to)}`;
  return "not connected to anything yet";
}
