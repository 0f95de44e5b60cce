/** From a graph of the document to what React Flow draws. Pure; the document never learns of nodes and handles. */
import { type Edge as FlowEdge, type Node, type NodeHandle, Position } from "@xyflow/react";
import { BODY_WORDS } from "@/document/body-words";
import { countSteps, edgeKey, entrySteps, portOf } from "@/document/graph";
import { CARD, type Positions } from "@/document/placement";
import { hasInPort, outPorts } from "@/document/ports";
import { PROMISE_TITLES, type PromiseLevel, promiseOf } from "@/document/promise";
import type {
  BodyRule,
  Category,
  Edge,
  Graph,
  Problem,
  Step,
  StepId,
  StepKind,
  StepKinds,
} from "@/document/types";
import { portWords, summaryOfStep, type WordSources } from "@/document/words";
import { type CanvasMode, cardHeight, PORT_SIZE, portX } from "./geometry";
import { type EdgeTraffic, type RunStatus, STATUS_WORDS, type StepStatus } from "./run-overlay";

export interface CardPort {
  id: string;
  label: string;
  /** Nothing is attached yet; the editor shows a plus there. */
  open: boolean;
}

export interface CardData extends Record<string, unknown> {
  title: string;
  icon: string;
  category: Category;
  summary: string;
  ports: CardPort[];
  hasIn: boolean;
  disabled: boolean;
  note: string | null;
  pinned: boolean;
  problem: { severity: Problem["severity"]; words: string } | null;
  /** What it promises when something breaks half-way, if that is worth a sign. */
  promise: { level: PromiseLevel; words: string } | null;
  /** Steps inside; `null` for kinds that hold none. */
  bodySteps: number | null;
  status: (StepStatus & { status: RunStatus; words: string }) | null;
  mode: CanvasMode;
}

export type CardNode = Node<CardData, "card">;
/** `open`: the body is empty and may be filled, so the chip offers the first step. */
export type StartNode = Node<{ open: boolean; words: string; icon: string }, "start">;

interface StepEdgeData extends Record<string, unknown> {
  edge: Edge;
  label: string;
  /** The label stands at the target unless several edges meet there. */
  labelAt: "source" | "target";
  mode: CanvasMode;
  taken: boolean;
  traffic: EdgeTraffic | null;
}

export type StepEdge = FlowEdge<StepEdgeData, "step">;

/** The chip at the top of a body; no step may have this id, which starts with no letter. */
export const START_ID = "-start";
export const START = { width: 132, height: 28 } as const;

export interface Scene {
  graph: Graph;
  kinds: StepKinds;
  names: WordSources;
  positions: Positions;
  mode: CanvasMode;
  selection: ReadonlySet<StepId>;
  statuses: Readonly<Record<StepId, StepStatus>>;
  traffic: Readonly<Record<string, EdgeTraffic>>;
  problems: readonly Problem[];
  samples: Readonly<Record<StepId, unknown>>;
  /** What the shown body is for; `null` for the workflow itself. */
  body: BodyRule | null;
  selectedEdge: string | null;
}

export function nodesOf(scene: Scene): (CardNode | StartNode)[] {
  const used = usedPorts(scene.graph);
  const cards = Object.entries(scene.graph.steps).map(([id, step]) => cardNode(scene, id, step, used));
  return scene.body ? [startNode(scene, scene.body), ...cards] : cards;
}

export function edgesOf(scene: Scene): StepEdge[] {
  const { graph } = scene;
  const drawn = graph.edges.filter((edge) => graph.steps[edge.from] && graph.steps[edge.to]);
  const arriving = new Map<StepId, number>();
  for (const edge of drawn) arriving.set(edge.to, (arriving.get(edge.to) ?? 0) + 1);
  const edges = drawn.map((edge) => stepEdge(scene, edge, (arriving.get(edge.to) ?? 0) > 1));
  if (!scene.body) return edges;
  return [...edges, ...entrySteps(graph).map((id) => startEdge(scene, id))];
}

/** Which ports of which steps have an edge, found once for all cards. */
function usedPorts(graph: Graph): ReadonlySet<string> {
  return new Set(graph.edges.map((edge) => `${edge.from}:${portOf(edge)}`));
}

function cardNode(scene: Scene, id: StepId, step: Step, used: ReadonlySet<string>): CardNode {
  const kind = scene.kinds[step.kind];
  const height = cardHeight(scene.mode);
  const ports = outPorts(step, kind).map((port) => ({ ...port, open: !used.has(`${id}:${port.id}`) }));
  const data = cardData(scene, id, step, kind, ports);
  return {
    id,
    type: "card",
    position: scene.positions[id] ?? { x: 0, y: 0 },
    width: CARD.width,
    height,
    measured: { width: CARD.width, height },
    handles: handlesOf(data, height),
    selected: scene.selection.has(id),
    draggable: scene.mode === "edit",
    connectable: scene.mode === "edit",
    ariaLabel: spokenName(data),
    ariaRole: "group",
    domAttributes: { "aria-roledescription": "step" },
    data,
  };
}

function cardData(
  scene: Scene,
  id: StepId,
  step: Step,
  kind: StepKind | undefined,
  ports: CardPort[],
): CardData {
  const status = scene.mode === "run" ? (scene.statuses[id] ?? { status: "pending" as const }) : null;
  return {
    title: step.title,
    icon: kind?.icon ?? "warning",
    category: kind?.category ?? "logic",
    summary: status?.summary ?? (step.disabled ? "Switched off" : summaryOfStep(step, kind, scene.names)),
    ports: ports.map((port) => ({ ...port, label: portWords(step, kind, port, scene.names) })),
    hasIn: hasInPort(kind),
    disabled: step.disabled === true,
    note: step.note ?? null,
    pinned: scene.mode === "edit" && scene.samples[id] !== undefined,
    problem: scene.mode === "edit" ? problemOf(scene.problems, id) : null,
    promise: scene.mode === "edit" && kind ? promiseMark(step, kind) : null,
    bodySteps: step.body ? countSteps(step.body) : null,
    status: status && { ...status, words: status.words ?? STATUS_WORDS[status.status] },
    mode: scene.mode,
  };
}

/** Only of steps that reach out: everything inside this house happens once, and saying so on each card is noise. */
function promiseMark(step: Step, kind: StepKind): CardData["promise"] {
  const { level, text } = promiseOf(step, kind);
  const reachesOut = kind.category === "connect" || level === "checked" || level === "uncertain";
  return reachesOut && level !== "none" ? { level, words: `${PROMISE_TITLES[level]}. ${text}` } : null;
}

function problemOf(problems: readonly Problem[], id: StepId): CardData["problem"] {
  const own = problems.filter((problem) => problem.step === id);
  const worst = own.find(({ severity }) => severity === "error") ?? own[0];
  return worst ? { severity: worst.severity, words: own.map(({ message }) => message).join("\n") } : null;
}

/** "Score the lead, lead step, done": what a screen reader says of a card. */
function spokenName({ title, category, status, disabled, problem }: CardData): string {
  const state = status ? status.words.toLowerCase() : disabled ? "switched off" : null;
  const family = category === "trigger" ? "trigger" : `${category} step`;
  return [title, family, state, problem ? "has problems" : null].filter(Boolean).join(", ");
}

function handlesOf(data: CardData, height: number): NodeHandle[] {
  const half = PORT_SIZE / 2;
  const size = { width: PORT_SIZE, height: PORT_SIZE };
  const out = data.ports.map(
    (port, index): NodeHandle => ({
      id: port.id,
      type: "source",
      position: Position.Bottom,
      x: portX(index, data.ports.length) - half,
      y: height - half,
      ...size,
    }),
  );
  if (!data.hasIn) return out;
  const into: NodeHandle = {
    id: "in",
    type: "target",
    position: Position.Top,
    x: CARD.width / 2 - half,
    y: -half,
    ...size,
  };
  return [into, ...out];
}

function startNode(scene: Scene, body: BodyRule): StartNode {
  const entries = entrySteps(scene.graph).flatMap((id) => scene.positions[id] ?? []);
  const left = Math.min(...entries.map(({ x }) => x), entries.length === 0 ? 0 : Number.POSITIVE_INFINITY);
  const right = Math.max(...entries.map(({ x }) => x), entries.length === 0 ? 0 : Number.NEGATIVE_INFINITY);
  const top = Math.min(...entries.map(({ y }) => y), entries.length === 0 ? 0 : Number.POSITIVE_INFINITY);
  return {
    id: START_ID,
    type: "start",
    position: { x: (left + right + CARD.width - START.width) / 2, y: top - START.height - 52 },
    ...START,
    measured: START,
    handles: [
      {
        id: "out",
        type: "source",
        position: Position.Bottom,
        x: START.width / 2 - PORT_SIZE / 2,
        y: START.height - PORT_SIZE / 2,
        width: PORT_SIZE,
        height: PORT_SIZE,
      },
    ],
    draggable: false,
    selectable: false,
    focusable: false,
    connectable: false,
    data: {
      open: scene.mode === "edit" && Object.keys(scene.graph.steps).length === 0,
      words: BODY_WORDS[body].start,
      icon: body === "once" ? "shield" : "loop",
    },
  };
}

function stepEdge(scene: Scene, edge: Edge, shared: boolean): StepEdge {
  const { graph, kinds } = scene;
  const step = graph.steps[edge.from];
  const kind = step && kinds[step.kind];
  const port = step && outPorts(step, kind).find(({ id }) => id === portOf(edge));
  const key = edgeKey(edge);
  const traffic = scene.mode === "run" ? (scene.traffic[key] ?? { count: 0 }) : null;
  return {
    id: key,
    type: "step",
    source: edge.from,
    sourceHandle: portOf(edge),
    target: edge.to,
    targetHandle: "in",
    selected: scene.selectedEdge === key,
    focusable: false,
    data: {
      edge,
      label: step && port ? portWords(step, kind, port, scene.names) : portOf(edge),
      labelAt: shared ? "source" : "target",
      mode: scene.mode,
      taken: traffic !== null && traffic.count > 0,
      traffic,
    },
  };
}

function startEdge(scene: Scene, id: StepId): StepEdge {
  const status = scene.statuses[id]?.status;
  return {
    id: `${START_ID}>${id}`,
    type: "step",
    source: START_ID,
    sourceHandle: "out",
    target: id,
    targetHandle: "in",
    selectable: false,
    focusable: false,
    data: {
      edge: { from: START_ID, to: id },
      label: "",
      labelAt: "target",
      mode: "run",
      taken: scene.mode === "run" && status !== undefined && status !== "pending" && status !== "skipped",
      traffic: null,
    },
  };
}
