/**
 * The one place that draws a graph. The editor and the run view share it: a run is the same canvas with its
 * outcome written on it. It holds no document and no selection of its own; it reports what the hand did.
 */
import {
  Background,
  BackgroundVariant,
  type Connection,
  type NodeChange,
  ReactFlow,
  ReactFlowProvider,
  SelectionMode,
  useReactFlow,
} from "@xyflow/react";
import {
  type KeyboardEvent,
  type ReactNode,
  type Ref,
  useCallback,
  useImperativeHandle,
  useMemo,
  useRef,
  useState,
} from "react";
import { whyNotConnect } from "@/document/connection-rules";
import type { Positions } from "@/document/placement";
import type { Edge, FramePath, Point, Problem, StepId, StepKinds, WorkflowDocument } from "@/document/types";
import type { NamedThings } from "@/document/words";
import "./canvas.css";
import { type CanvasActions, CanvasActionsContext } from "./canvas-actions";
import { type CardNode, START_ID, type StartNode, type StepEdge } from "./flow-model";
import type { CanvasMode } from "./geometry";
import { type Arrow, firstStep, isArrow, neighbour } from "./navigate";
import type { EdgeTraffic, StepStatus } from "./run-overlay";
import { StartChip } from "./start-chip";
import { StepCard } from "./step-card";
import { StepEdgeLine } from "./step-edge";
import { FIT, useGlides } from "./use-glides";
import { useKindDrop } from "./use-kind-drop";
import { useScene } from "./use-scene";

export interface CanvasProps {
  document: WorkflowDocument;
  kinds: StepKinds;
  /** Which graph is shown: `[]` for the workflow, the loops passed through for a body. */
  path: FramePath;
  mode: CanvasMode;
  /** What a screen reader calls the canvas. */
  label?: string;
  selection: readonly StepId[];
  onSelect(ids: StepId[]): void;
  /** A click on a card that did not become a drag. */
  onPress?(id: StepId): void;
  /** Enter or double-click on a step. */
  onOpen?(id: StepId): void;
  /** Enter or double-click on a loop, or its link. */
  onOpenBody?(loop: StepId): void;
  /** Only in a run. A step that is absent has not started. */
  statuses?: Readonly<Record<StepId, StepStatus>> | undefined;
  /** Only in a run; by `edgeKey`. */
  traffic?: Readonly<Record<string, EdgeTraffic>> | undefined;
  problems?: readonly Problem[] | undefined;
  /** Names of pools, lists and workflows, so that cards say them instead of ids. */
  named?: NamedThings | undefined;
  /** Absent in a run: then nothing can be moved, connected or added. */
  edits?: CanvasEdits | undefined;
  ref?: Ref<CanvasHandle>;
  /** Drawn above the graph: toolbars, banners. */
  children?: ReactNode;
}

/** What hands do to a document. Points are in canvas units unless said otherwise. */
export interface CanvasEdits {
  onMove(positions: Positions): void;
  onConnect(from: StepId, port: string, to: StepId): void;
  /** The plus below a card, or a connection let go over empty canvas (then with the place). */
  onAddAfter(step: StepId, port: string, at?: Point): void;
  onAddOnEdge(edge: Edge): void;
  /** The plus below the start of an empty loop body. */
  onAddFirst(): void;
  onDisconnect(edge: Edge): void;
  /** A kind dropped from the palette, on an edge when it was let go over one. */
  onDropKind(kind: string, at: Point, edge: Edge | null): void;
  /** Right-click or the menu key, before the event goes on to the menu around. `null` is the empty canvas. */
  onMenu(id: StepId | null): void;
  selectedEdge: string | null;
  onSelectEdge(key: string | null): void;
}

export interface CanvasHandle {
  fit(): void;
  zoomIn(): void;
  zoomOut(): void;
  resetZoom(): void;
  /** Brings a step into sight and gives it the keyboard. */
  focus(id: StepId): void;
  /** Gives the keyboard to the selected step, or to the first one. */
  enter(): void;
  /** The middle of what is in sight, in canvas units. */
  centre(): Point;
}

const NODE_TYPES = { card: StepCard, start: StartChip };
const EDGE_TYPES = { step: StepEdgeLine };
/** How far Alt and an arrow move a card: one dot of the background. */
const NUDGE = 20;
const NOT_DRAGGED: Positions = {};

export function Canvas(props: CanvasProps) {
  return (
    // A body is a canvas of its own, with its own view.
    <ReactFlowProvider key={props.path.join("/")}>
      <Flow {...props} />
    </ReactFlowProvider>
  );
}

function Flow(props: CanvasProps) {
  const { document, kinds, mode, selection, onSelect, onOpen, onOpenBody, edits, label, children } = props;
  const [dragged, setDragged] = useState<Positions>(NOT_DRAGGED);
  const { graph, positions, nodes, edges } = useScene(props, dragged);
  const flow = useReactFlow<CardNode | StartNode, StepEdge>();
  const frame = useRef<HTMLDivElement>(null);
  const drop = useKindDrop(edits, flow, graph);

  const glides = useGlides(frame, flow);

  useImperativeHandle(
    props.ref,
    () => ({
      fit: glides.fit,
      zoomIn: glides.zoomIn,
      zoomOut: glides.zoomOut,
      resetZoom: glides.resetZoom,
      focus: glides.focus,
      enter: () => {
        const id = selection[0] ?? firstStep(graph, positions);
        if (!id) return frame.current?.focus();
        onSelect([id]);
        glides.focus(id);
      },
      centre: () => {
        const box = frame.current?.getBoundingClientRect();
        if (!box) return { x: 0, y: 0 };
        return flow.screenToFlowPosition({ x: box.left + box.width / 2, y: box.top + box.height / 3 });
      },
    }),
    [flow, glides, selection, graph, positions, onSelect],
  );

  const open = useCallback(
    (id: StepId) => (graph.steps[id]?.body && onOpenBody ? onOpenBody(id) : onOpen?.(id)),
    [graph, onOpen, onOpenBody],
  );

  const actions = useMemo(
    (): CanvasActions => ({
      addAfter: (step, port) => edits?.onAddAfter(step, port),
      addOnEdge: (edge) => edits?.onAddOnEdge(edge),
      addFirst: () => edits?.onAddFirst(),
      disconnect: (edge) => edits?.onDisconnect(edge),
      openBody: (loop) => onOpenBody?.(loop),
    }),
    [edits, onOpenBody],
  );

  // React Flow reports several changes within one event, before new props arrive.
  const reported = useRef<Set<StepId>>(new Set());
  reported.current = new Set(selection);
  const takeChanges = (changes: NodeChange<CardNode | StartNode>[]) => {
    let moved: Positions = dragged;
    let selects = false;
    for (const change of changes) {
      if (change.type === "position" && change.position) moved = { ...moved, [change.id]: change.position };
      if (change.type !== "select" || change.id === START_ID) continue;
      selects = true;
      if (change.selected) reported.current.add(change.id);
      else reported.current.delete(change.id);
    }
    if (moved !== dragged) setDragged(moved);
    if (selects) onSelect([...reported.current]);
  };

  const settleDrag = () => {
    const rounded = Object.entries(dragged).map(([id, { x, y }]): [StepId, Point] => [
      id,
      { x: Math.round(x), y: Math.round(y) },
    ]);
    setDragged(NOT_DRAGGED);
    if (rounded.length > 0) edits?.onMove(Object.fromEntries(rounded));
  };

  const connect = ({ source, sourceHandle, target }: Connection) =>
    edits?.onConnect(source, sourceHandle ?? "out", target);
  const mayConnect = ({ source, sourceHandle, target }: Connection | StepEdge) =>
    whyNotConnect(graph, kinds, source, sourceHandle ?? "out", target) === null;

  /** What a drag does, without one. */
  const nudge = (arrow: Arrow) => {
    const right = arrow === "ArrowRight" ? NUDGE : arrow === "ArrowLeft" ? -NUDGE : 0;
    const down = arrow === "ArrowDown" ? NUDGE : arrow === "ArrowUp" ? -NUDGE : 0;
    const moved = selection.flatMap((id): [StepId, Point][] => {
      const place = positions[id];
      return place ? [[id, { x: place.x + right, y: place.y + down }]] : [];
    });
    edits?.onMove(Object.fromEntries(moved));
  };

  const takeKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || isControl(event.target)) return;
    if (event.altKey) {
      if (!isArrow(event.key)) return;
      event.preventDefault();
      nudge(event.key);
      return;
    }
    const current = selection[0] ?? null;
    if (isArrow(event.key)) {
      event.preventDefault();
      const next = current ? neighbour(graph, positions, current, event.key) : firstStep(graph, positions);
      if (!next) return;
      onSelect(event.shiftKey ? [next, ...selection.filter((id) => id !== next)] : [next]);
      glides.focus(next);
    } else if (event.key === "Enter" && current) {
      event.preventDefault();
      open(current);
    }
  };

  /** Reaching a card by the keyboard selects it; the mouse selects by clicking. */
  const takeFocus = (target: HTMLElement) => {
    glides.noteFocus(target);
    const id = target.matches(".react-flow__node:focus-visible") ? target.dataset.id : undefined;
    if (id && id !== START_ID && !selection.includes(id)) onSelect([id]);
  };

  const openMenu = (id: StepId | null) => {
    if (!edits) return;
    if (id && !selection.includes(id)) onSelect([id]);
    edits.onMenu(id);
  };

  return (
    <CanvasActionsContext value={actions}>
      {/* biome-ignore lint/a11y/useSemanticElements: an application region holds cards, not form fields */}
      <div
        ref={frame}
        role="group"
        aria-label={label ?? `${document.name}, canvas`}
        data-canvas-frame
        className="relative h-full min-h-0 -outline-offset-2"
        tabIndex={-1}
        onKeyDown={takeKey}
        onFocus={(event) => takeFocus(event.target)}
        onBlur={({ relatedTarget }) => {
          if (relatedTarget && !frame.current?.contains(relatedTarget)) glides.noteLeft();
        }}
        {...drop.handlers}
      >
        <ReactFlow<CardNode | StartNode, StepEdge>
          attributionPosition="top-right"
          nodes={nodes}
          edges={drop.marked(edges)}
          nodeTypes={NODE_TYPES}
          edgeTypes={EDGE_TYPES}
          onNodesChange={takeChanges}
          onNodeDragStop={settleDrag}
          onSelectionDragStop={settleDrag}
          onConnect={connect}
          isValidConnection={mayConnect}
          onConnectEnd={(event, state) => {
            const handle = state.fromHandle;
            if (handle?.type !== "source" || !edits) return;
            if (state.toNode) {
              // What may not be connected is passed on as well, so that the reason is said.
              if (state.isValid === false)
                edits.onConnect(handle.nodeId, handle.id ?? "out", state.toNode.id);
              return;
            }
            const pointer = "changedTouches" in event ? event.changedTouches[0] : event;
            if (!pointer) return;
            const at = flow.screenToFlowPosition({ x: pointer.clientX, y: pointer.clientY });
            edits.onAddAfter(handle.nodeId, handle.id ?? "out", at);
          }}
          onNodeClick={(event, node) => {
            if (node.id !== START_ID && !event.shiftKey && !event.ctrlKey && !event.metaKey)
              props.onPress?.(node.id);
          }}
          onNodeDoubleClick={(_, node) => open(node.id)}
          onNodeContextMenu={(_, node) => openMenu(node.id === START_ID ? null : node.id)}
          onPaneContextMenu={() => openMenu(null)}
          onEdgeClick={(_, edge) => edits?.onSelectEdge(edge.selectable === false ? null : edge.id)}
          onPaneClick={() => edits?.onSelectEdge(null)}
          fitView
          fitViewOptions={FIT}
          // React Flow's own first fit waits until cards have been measured, and does not draw those out of sight.
          onInit={(started) => void started.fitView(FIT)}
          minZoom={0.2}
          maxZoom={2}
          panOnScroll
          zoomOnDoubleClick={false}
          // Only of hands: what the program moves has no event.
          onMoveStart={(event) => event && glides.letGo()}
          selectionMode={SelectionMode.Partial}
          nodesFocusable
          edgesFocusable={false}
          nodesDraggable={mode === "edit"}
          nodesConnectable={mode === "edit"}
          nodeDragThreshold={3}
          connectionRadius={28}
          deleteKeyCode={null}
          disableKeyboardA11y
          onlyRenderVisibleElements
        >
          <Background variant={BackgroundVariant.Dots} gap={20} size={1.4} color="var(--border-strong)" />
        </ReactFlow>
        {children}
      </div>
    </CanvasActionsContext>
  );
}

function isControl(target: EventTarget): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest("input, textarea, select, button, a, [contenteditable]") !== null
  );
}
