/**
 * One stream of the workspace's events for all who listen in this tab. Browsers open only six connections to a
 * server, so each listener having its own would soon leave none for the calls.
 */
import { streams } from "./calls";
import { openStream } from "./live";

interface Listener {
  event: (data: unknown) => void;
  /** The stream was broken and is open again: what came in between was missed. */
  reopened?: () => void;
}

const EVENTS = ["run", "inbox"] as const;
export type WorkspaceEvent = (typeof EVENTS)[number];

const listeners: Record<WorkspaceEvent, Set<Listener>> = { run: new Set(), inbox: new Set() };
let close: (() => void) | undefined;

/** Calls `listener` on each event of that name. Returns how to stop; with the last listener the stream closes. */
export function onWorkspace(name: WorkspaceEvent, listener: Listener): () => void {
  listeners[name].add(listener);
  close ??= openStream(streams.workspace, {
    on: Object.fromEntries(
      EVENTS.map((event) => [
        event,
        (data: unknown) => {
          for (const one of [...listeners[event]]) one.event(data);
        },
      ]),
    ),
    onOpen: (again) => {
      if (!again) return;
      for (const event of EVENTS) for (const one of [...listeners[event]]) one.reopened?.();
    },
  });
  return () => {
    listeners[name].delete(listener);
    if (EVENTS.some((event) => listeners[event].size > 0)) return;
    close?.();
    close = undefined;
  };
}
