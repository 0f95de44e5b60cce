/** What the top bar says about saving. */
import type { SaveState } from "./autosave";

export function saveWords({ status, savedAt }: Pick<SaveState, "status" | "savedAt">, now: number): string {
  switch (status) {
    case "waiting":
    case "saving":
      return "Saving…";
    case "unreachable":
      return "Not saved yet: server not reachable";
    case "refused":
      return "Not saved: the server refused the draft";
    case "conflict":
      return "Not saved: changed elsewhere";
    case "saved":
      return savedAt === null ? "Saved" : `Saved ${agoWords(now - savedAt)}`;
  }
}

function agoWords(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 2) return "just now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ago`;
  return `${Math.floor(seconds / 3600)} h ago`;
}
