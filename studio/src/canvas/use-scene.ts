/** The graph at a path as React Flow nodes and edges, keeping the identity of everything that did not change. */
import { useMemo, useRef } from "react";
import { namesOfSteps } from "@/document/available-data";
import { bodyRuleOf } from "@/document/body-words";
import { everyStep, graphAt } from "@/document/graph";
import type { Positions } from "@/document/placement";
import type { BodyRule, FramePath, Graph, Point, StepKinds, WorkflowDocument } from "@/document/types";
import type { CanvasProps } from "./canvas";
import { type CardNode, edgesOf, nodesOf, type Scene, type StartNode, type StepEdge } from "./flow-model";
import { spacedForRun } from "./run-spacing";
import { completedPositions } from "./tidy";

const NOTHING: Graph = { steps: {}, edges: [] };
const NONE = {};

interface DrawnScene {
  graph: Graph;
  positions: Positions;
  nodes: (CardNode | StartNode)[];
  edges: StepEdge[];
}

export function useScene(props: CanvasProps, dragged: Positions): DrawnScene {
  const { document, kinds, path, mode, selection, statuses, traffic, problems } = props;
  const graph = graphAt(document, path) ?? NOTHING;
  const placed = useMemo(() => {
    const complete = completedPositions(graph, kinds, document.layout ?? {});
    return mode === "run" ? spacedForRun(graph, complete) : complete;
  }, [graph, kinds, document.layout, mode]);
  const names = useMemo(() => {
    const graphs = [...everyStep(document)].flatMap(({ step }) => (step.body ? [step.body] : []));
    return { data: [document, ...graphs].flatMap((one) => namesOfSteps(one, kinds)), named: props.named };
  }, [document, kinds, props.named]);
  const selectedEdge = props.edits?.selectedEdge ?? null;
  const scene = useMemo(
    (): Scene => ({
      graph,
      kinds,
      names,
      positions: placed,
      mode,
      selection: new Set(selection),
      statuses: statuses ?? NONE,
      traffic: traffic ?? NONE,
      problems: problems ?? [],
      samples: document.samples ?? NONE,
      body: bodyAt(document, path, kinds),
      selectedEdge,
    }),
    [graph, kinds, names, placed, mode, selection, statuses, traffic, problems, document, path, selectedEdge],
  );
  const settled = useStable(useMemo(() => nodesOf(scene), [scene]));
  // A drag changes places only: everything else about the cards is kept, so that it stays smooth with many.
  const nodes = useMemo(() => withPlaces(settled, dragged), [settled, dragged]);
  const edges = useStable(useMemo(() => edgesOf(scene), [scene]));
  return { graph, positions: placed, nodes, edges };
}

/** What the body at the end of a path is for. */
function bodyAt(document: WorkflowDocument, path: FramePath, kinds: StepKinds): BodyRule | null {
  const holder = path.at(-1);
  return holder === undefined ? null : bodyRuleOf(graphAt(document, path.slice(0, -1))?.steps[holder], kinds);
}

function withPlaces<T extends { id: string; position: Point }>(nodes: T[], places: Positions): T[] {
  if (Object.keys(places).length === 0) return nodes;
  return nodes.map((node) => {
    const position = places[node.id];
    return position ? { ...node, position } : node;
  });
}

/** Gives back last time's object for each entry that reads the same, so that its card is not drawn again. */
function useStable<T extends { id: string }>(entries: T[]): T[] {
  const kept = useRef(new Map<string, { text: string; entry: T }>());
  return useMemo(() => {
    const next = new Map<string, { text: string; entry: T }>();
    const stable = entries.map((entry) => {
      const text = JSON.stringify(entry);
      const before = kept.current.get(entry.id);
      const same = before?.text === text ? before : { text, entry };
      next.set(entry.id, same);
      return same.entry;
    });
    kept.current = next;
    return stable;
  }, [entries]);
}
