/** How clocks of service levels read. */
import type { ClockState } from "@/api";

export const STATE_WORDS: Record<ClockState, string> = {
  running: "Running",
  paused: "Paused",
  warned: "At risk",
  breached: "Overdue",
  met: "Met",
  late: "Met late",
  stopped: "Stopped",
};

export const STATE_TONES: Record<ClockState, "neutral" | "accent" | "ok" | "warn" | "bad"> = {
  running: "accent",
  paused: "neutral",
  warned: "warn",
  breached: "bad",
  met: "ok",
  late: "bad",
  stopped: "neutral",
};

/** What a clock waits for. */
export const CALLED = { accept: "Acceptance", respond: "First response" } as const;

/** "25 min", "1 h over"; a dash for a clock that never comes due. */
export function leftInWords(seconds: number | null): string {
  if (seconds === null) return "–";
  return seconds < 0 ? `${spell(-seconds)} over` : spell(seconds);
}

/** 5400 as "1 h 30 min"; the nearest minute down. */
export function spell(seconds: number): string {
  const minutes = Math.floor(Math.max(0, seconds) / 60);
  const hours = Math.floor(minutes / 60);
  if (hours === 0) return `${minutes} min`;
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}
