/**
 * Moving the view, and the keyboard with it. A glide may be cut short by another movement of the view, and React Flow
 * never says that it was: so nothing here waits for the end of one, and a glide that the opening of a panel cuts short
 * begins anew. It must never leave the keyboard nowhere.
 */
import type { ReactFlowInstance } from "@xyflow/react";
import { type RefObject, useEffect, useMemo, useRef } from "react";
import type { StepId } from "@/document/types";
import { type CardNode, START_ID, type StartNode, type StepEdge } from "./flow-model";

/** How the graph is fitted into the frame, at first and when asked. */
export const FIT = {
  padding: { x: "48px", top: "36px", bottom: "72px" },
  maxZoom: 1,
  minZoom: 0.35,
} as const;
/** React Flow animates by script, so the wish for less motion has to be asked for here. */
const GLIDE = { duration: window.matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 220 };

type Flow = ReactFlowInstance<CardNode | StartNode, StepEdge>;

export interface Glides {
  fit(): void;
  zoomIn(): void;
  zoomOut(): void;
  resetZoom(): void;
  /** Brings a step into sight and gives it the keyboard. */
  focus(id: StepId): void;
  /** A hand has taken the view. */
  letGo(): void;
  /** Where in the frame the keyboard is now. */
  noteFocus(target: HTMLElement): void;
  /** The keyboard went to something outside of the frame. */
  noteLeft(): void;
}

export function useGlides(frame: RefObject<HTMLElement | null>, flow: Flow): Glides {
  /** The glide under way, if it has a goal that a change of the frame's width would miss. */
  const under = useRef<(() => Promise<boolean>) | null>(null);
  /** The step that gets the keyboard as soon as its card is drawn. */
  const wanted = useRef<StepId | null>(null);
  /** The card that has the keyboard. */
  const held = useRef<StepId | null>(null);

  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    let width = element.clientWidth;
    const resized = new ResizeObserver(() => {
      const next = element.clientWidth;
      if (next === width || next === 0) return;
      const { x, y, zoom } = flow.getViewport();
      // The middle of the view stays in the middle when a panel opens or closes beside the canvas.
      if (under.current) void under.current();
      else void flow.setViewport({ x: x + (next - width) / 2, y, zoom });
      width = next;
    });
    // React Flow takes cards away that leave the sight, and draws them anew when they come back.
    const redrawn = new MutationObserver(() => {
      const page = element.ownerDocument;
      if (page.activeElement !== page.body && page.activeElement !== element) return;
      const card = wanted.current === null ? null : cardOf(element, wanted.current);
      if (card) card.focus({ preventScroll: true });
      else if (held.current !== null && page.activeElement === page.body) {
        element.focus({ preventScroll: true });
      }
    });
    resized.observe(element);
    redrawn.observe(element, { childList: true, subtree: true });
    return () => {
      resized.disconnect();
      redrawn.disconnect();
    };
  }, [frame, flow]);

  return useMemo(() => {
    const glide = (go: () => Promise<boolean>) => {
      under.current = go;
      void go().then(() => {
        if (under.current === go) under.current = null;
      });
    };
    const letGo = () => {
      under.current = null;
    };
    return {
      fit: () => glide(() => flow.fitView({ ...FIT, ...GLIDE })),
      zoomIn: () => {
        letGo();
        void flow.zoomIn(GLIDE);
      },
      zoomOut: () => {
        letGo();
        void flow.zoomOut(GLIDE);
      },
      resetZoom: () => {
        letGo();
        void flow.zoomTo(1, GLIDE);
      },
      focus: (id) => {
        if (!frame.current) return;
        const card = cardOf(frame.current, id);
        // At once, before any glide: what is typed meanwhile must go where it is meant to.
        (card ?? frame.current).focus({ preventScroll: true });
        wanted.current = card ? null : id;
        const node = flow.getNode(id);
        if (!node || (card && isInSight(frame.current, card))) return;
        glide(() => {
          const { x, y } = flow.getNode(id)?.position ?? node.position;
          const centre = { x: x + (node.width ?? 0) / 2, y: y + (node.height ?? 0) / 2 };
          return flow.setCenter(centre.x, centre.y, { zoom: flow.getZoom(), ...GLIDE });
        });
      },
      letGo,
      noteFocus: (target) => {
        const card = target.closest<HTMLElement>(".react-flow__node")?.dataset.id;
        held.current = card === undefined || card === START_ID ? null : card;
        if (target !== frame.current) wanted.current = null;
      },
      noteLeft: () => {
        held.current = null;
        wanted.current = null;
      },
    };
  }, [frame, flow]);
}

function cardOf(frame: HTMLElement, id: StepId): HTMLElement | null {
  return frame.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(id)}"]`);
}

function isInSight(frame: HTMLElement, card: HTMLElement): boolean {
  const outer = frame.getBoundingClientRect();
  const inner = card.getBoundingClientRect();
  return (
    inner.left >= outer.left &&
    inner.right <= outer.right &&
    inner.top >= outer.top &&
    inner.bottom <= outer.bottom
  );
}
