/** The middle of the editor: the canvas with its toolbars, breadcrumbs of loop bodies, and the run being watched. */
import { clsx } from "clsx";
import { useEffect, useMemo, useRef } from "react";
import { flushSync } from "react-dom";
import { Canvas, type CanvasEdits } from "@/canvas";
import { countSteps } from "@/document/graph";
import { Button, ContextMenu, Icon } from "@/ui";
import {
  useDocuments,
  useEditor,
  useGraph,
  useSaveState,
  useSession,
  useShownDocument,
} from "./editor-context";
import { EmptyCanvas } from "./empty-canvas";
import { Palette } from "./palette";
import { RunBar } from "./run-bar";
import { overlayAt } from "./run-follower";
import { useStepMenu } from "./step-menu";
import { useNamedThings } from "./use-named-things";

export function CanvasPane() {
  const { canvas, kinds, actions, session } = useEditor();
  const document = useShownDocument();
  const graph = useGraph();
  const { path, selection, selectedEdge, palette, watching } = useSession((state) => state);
  const problems = useSaveState((state) => state.problems);
  const named = useNamedThings();
  const overlay = useMemo(() => overlayAt(watching?.run ?? null, path, kinds), [watching?.run, path, kinds]);
  const menu = useStepMenu();
  const edits = useMemo(
    (): CanvasEdits => ({
      onMove: (positions) => void actions.move(positions),
      onConnect: (from, port, to) => void actions.connect(from, port, to),
      onAddAfter: (step, port, at) => actions.openPalette({ where: "after", step, port, at }),
      onAddOnEdge: (edge) => actions.openPalette({ where: "edge", edge }),
      onAddFirst: () => actions.openPalette({ where: "free" }),
      onDisconnect: (edge) => actions.disconnect(edge),
      onDropKind: (kind, at, edge) => actions.dropKind(kind, at, edge),
      onMenu: (menuOn) => session.getState().patch({ menuOn }),
      selectedEdge,
      onSelectEdge: (key) => session.getState().patch({ selectedEdge: key }),
    }),
    [actions, session, selectedEdge],
  );
  const running = watching !== null;
  const wasRunning = useRef(running);
  useEffect(() => {
    // Cards are taller in a run, and the bar below covers some of them.
    if (wasRunning.current !== running) canvas.current?.fit();
    wasRunning.current = running;
  }, [running, canvas]);
  const empty = path.length === 0 && countSteps(graph) === 0 && !watching;

  return (
    <div className="relative min-h-0 min-w-0 flex-1 overflow-hidden select-none">
      <ContextMenu entries={menu}>
        <div className="h-full">
          <Canvas
            ref={canvas}
            document={document}
            kinds={kinds}
            path={path}
            mode={watching ? "run" : "edit"}
            label={`${document.name}, canvas. Press Tab to add a step, question mark for all shortcuts.`}
            selection={selection}
            onSelect={(ids) => session.getState().select(ids)}
            onPress={() => session.getState().patch({ panelOpen: true })}
            onOpen={(id) => {
              // Drawn at once: the next key is meant for the panel, however quickly it follows.
              flushSync(() => {
                session.getState().select([id]);
                session.getState().patch({ panelOpen: true });
              });
              focusPanel();
            }}
            onOpenBody={(loop) => actions.enterBody(loop)}
            problems={problems}
            named={named}
            statuses={overlay?.statuses}
            traffic={overlay?.traffic}
            edits={watching ? undefined : edits}
          />
        </div>
      </ContextMenu>
      <FrameTrail />
      {empty ? <EmptyCanvas /> : null}
      {watching ? <RunBar watching={watching} /> : <Toolbar />}
      {palette ? <Palette key={JSON.stringify(palette)} target={palette} /> : null}
    </div>
  );
}

function focusPanel() {
  document.querySelector<HTMLElement>("[data-step-panel]")?.focus();
}

/** Left: what can be taken back and how it is laid out. Right: the way to the next step. */
function Toolbar() {
  const { canvas, actions, documents } = useEditor();
  const palette = useSession((state) => state.palette !== null);
  const undoWords = useDocuments((state) => state.history.past.at(-1)?.words);
  const redoWords = useDocuments((state) => state.history.future.at(-1)?.words);
  return (
    <>
      <div className="absolute bottom-4 left-[18px] flex max-w-[70%] gap-1.5">
        <Button
          icon="undo"
          disabled={undoWords === undefined}
          onClick={() => documents.getState().undo()}
          title="Undo (Ctrl+Z)"
          className="min-w-0 shrink shadow-card"
        >
          <span className="truncate">{undoWords === undefined ? "Undo" : `Undo: ${undoWords}`}</span>
        </Button>
        {redoWords === undefined ? null : (
          <Button
            icon="redo"
            onClick={() => documents.getState().redo()}
            aria-label={`Redo: ${redoWords}`}
            title={`Redo: ${redoWords} (Ctrl+Shift+Z)`}
            className="shadow-card"
          />
        )}
        <Button kbd="⇧⌥T" onClick={() => actions.tidy()} className="shadow-card">
          Tidy
        </Button>
        <Button kbd="1" onClick={() => canvas.current?.fit()} className="shadow-card">
          Fit
        </Button>
      </div>
      <Button
        icon="plus"
        kbd="Tab"
        data-add-step
        onClick={() => actions.openPalette()}
        // The palette covers this corner while it is open.
        className={clsx("absolute right-[18px] bottom-4 shadow-card", palette && "invisible")}
      >
        Add step
      </Button>
    </>
  );
}

/** Where one stands inside steps that hold others, and the way back. */
function FrameTrail() {
  const { actions, session } = useEditor();
  const document = useShownDocument();
  const path = useSession((state) => state.path);
  if (path.length === 0) return null;
  const titles = path.map((loop, depth) => {
    let graph = document.steps[path[0] ?? ""];
    for (const inner of path.slice(1, depth + 1)) graph = graph?.body?.steps[inner];
    return graph?.title ?? loop;
  });
  return (
    <nav
      aria-label="Inside of steps"
      className="absolute top-3 left-[18px] flex items-center gap-1 rounded-lg border border-border bg-raised py-1 pr-3 pl-1 shadow-card"
    >
      <Button size="small" variant="ghost" icon="arrow-left" onClick={() => actions.leaveBody()}>
        Back
      </Button>
      <Button size="small" variant="ghost" onClick={() => session.getState().enter([])}>
        {document.name}
      </Button>
      {titles.map((title, depth) => (
        <span key={path[depth]} className="flex items-center gap-1">
          <Icon name="chevron-right" size={13} className="text-faint" />
          {depth === titles.length - 1 ? (
            <span aria-current="location" className="px-1 text-sm font-semibold">
              {title}
            </span>
          ) : (
            <Button
              size="small"
              variant="ghost"
              onClick={() => session.getState().enter(path.slice(0, depth + 1))}
            >
              {title}
            </Button>
          )}
        </span>
      ))}
    </nav>
  );
}
