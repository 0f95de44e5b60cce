/** Pausing and resuming runs, and how far their loops are. */
import { ask } from "./ask";
import type { RunSummary } from "./types";

export const runControl = {
  /** What is under way ends, nothing new begins. */
  pause: (id: string) => ask<RunSummary>("POST", "/runs/{id}/pause", { path: { id } }),
  resume: (id: string) => ask<RunSummary>("POST", "/runs/{id}/resume", { path: { id } }),
};
