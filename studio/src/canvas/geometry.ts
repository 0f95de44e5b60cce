/** Measures of cards and ports in canvas units, shared by what is drawn and what is computed. */
import { CARD } from "@/document/placement";

export type CanvasMode = "edit" | "run";

/** Edge of the square a port handle occupies; its centre sits on the card's border. */
export const PORT_SIZE = 11;
/** Height of the line with outcome and time that cards carry in a run. */
const FOOTER = 28;
/** Ports stand no further apart than this, and never outside the card. */
const PORT_PITCH = 72;

export function cardHeight(mode: CanvasMode): number {
  return mode === "run" ? CARD.height + FOOTER : CARD.height;
}

/** Distance between the centres of neighbouring out-ports. */
export function portPitch(count: number): number {
  return count <= 1 ? 0 : Math.min(PORT_PITCH, (CARD.width - 24) / count);
}

/** Centre of an out-port, from the card's left border. */
export function portX(index: number, count: number): number {
  return CARD.width / 2 + (index - (count - 1) / 2) * portPitch(count);
}
