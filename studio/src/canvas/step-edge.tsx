/** An edge with its words, its plus and, in a run, how many went this way. */
import { BaseEdge, EdgeLabelRenderer, type EdgeProps, getBezierPath } from "@xyflow/react";
import { clsx } from "clsx";
import { memo } from "react";
import { Icon } from "@/ui";
import { useCanvasActions } from "./canvas-actions";
import type { StepEdge } from "./flow-model";

export const StepEdgeLine = memo(function StepEdgeLine(props: EdgeProps<StepEdge>) {
  const { sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, data, selected } = props;
  const [path, middleX, middleY] = getBezierPath({
    sourceX,
    sourceY,
    targetX,
    targetY,
    sourcePosition,
    targetPosition,
  });
  if (!data) return null;
  const words = wordsOf(data);
  const wordsAt = placeOfWords(data, props, middleX, middleY);
  const plusAt = words === "" ? { x: middleX, y: middleY } : awayFrom(wordsAt, props, middleX, middleY);
  return (
    <>
      <BaseEdge
        path={path}
        interactionWidth={18}
        className={clsx("canvas-edge", data.taken && "canvas-edge-taken", selected && "canvas-edge-selected")}
      />
      <EdgeLabelRenderer>
        {words ? (
          <span
            className={clsx("canvas-edge-words", data.taken && "canvas-edge-words-taken")}
            style={{ transform: at(wordsAt) }}
          >
            {words}
          </span>
        ) : null}
        {data.mode === "edit" ? <EdgeTools data={data} place={plusAt} selected={selected === true} /> : null}
      </EdgeLabelRenderer>
    </>
  );
});

interface Place {
  x: number;
  y: number;
}

function EdgeTools({
  data,
  place,
  selected,
}: {
  data: NonNullable<StepEdge["data"]>;
  place: Place;
  selected: boolean;
}) {
  const { addOnEdge, disconnect } = useCanvasActions();
  return (
    <div className="canvas-edge-tools nodrag nopan" style={{ transform: at(place) }}>
      <button
        type="button"
        tabIndex={-1}
        aria-label="Insert a step here"
        title="Insert a step here"
        onClick={() => addOnEdge(data.edge)}
        className="canvas-plus"
      >
        <Icon name="plus" size={12} />
      </button>
      {selected ? (
        <button
          type="button"
          tabIndex={-1}
          aria-label="Remove this connection"
          title="Remove this connection"
          onClick={() => disconnect(data.edge)}
          className="canvas-plus"
        >
          <Icon name="trash" size={11} />
        </button>
      ) : null}
    </div>
  );
}

/** In a run the words say how many went this way; a plain edge with one run says nothing. */
function wordsOf(data: NonNullable<StepEdge["data"]>): string {
  const { label, traffic } = data;
  if (!traffic) return label;
  if (label === "") return traffic.count > 1 ? traffic.count.toLocaleString("en") : "";
  const said = traffic.words ?? (traffic.count > 0 ? label : "");
  return [traffic.count.toLocaleString("en"), said].filter(Boolean).join(" · ");
}

/** Words keep to the end of the edge that is theirs alone; a bare count stands beside the line, where there is room. */
function placeOfWords(
  data: NonNullable<StepEdge["data"]>,
  { sourceX, sourceY, targetX, targetY }: EdgeProps<StepEdge>,
  middleX: number,
  middleY: number,
): Place {
  if (data.label === "") return { x: middleX + 24, y: middleY };
  if (data.labelAt === "target") return { x: targetX, y: targetY - 20 };
  return { x: sourceX + (middleX - sourceX) * 0.5, y: sourceY + 22 };
}

function awayFrom(
  words: Place,
  { sourceX, sourceY, targetX, targetY }: EdgeProps<StepEdge>,
  x: number,
  y: number,
): Place {
  if (Math.abs(words.y - y) >= 22) return { x, y };
  return words.y > y
    ? { x: sourceX + (targetX - sourceX) * 0.16, y: sourceY + (targetY - sourceY) * 0.3 }
    : { x: targetX - (targetX - sourceX) * 0.16, y: targetY - (targetY - sourceY) * 0.3 };
}

function at({ x, y }: Place): string {
  return `translate(-50%, -50%) translate(${x}px, ${y}px)`;
}
