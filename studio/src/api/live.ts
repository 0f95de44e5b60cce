/**
 * Server-sent events with a reconnect that backs off. A stream is a hint to look again, not a record: after each
 * reopening the caller is told, so that it can fetch what it missed.
 */

import { suspectServer, whenReachable } from "./connection";

interface StreamOptions {
  /** Handler per event name; gets the parsed data. */
  on: Record<string, (data: unknown) => void>;
  /** The stream is open; `again` when it was broken before. */
  onOpen?: (again: boolean) => void;
  /** The stream broke and will be reopened. */
  onBreak?: () => void;
}

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 15_000;

/** Opens a stream; returns how to close it for good. */
export function openStream(path: string, { on, onOpen, onBreak }: StreamOptions): () => void {
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wait = FIRST_WAIT;
  let opened = false;
  let closed = false;

  const connect = () => {
    source = new EventSource(path);
    source.onopen = () => {
      wait = FIRST_WAIT;
      onOpen?.(opened);
      opened = true;
    };
    // The browser's own reconnect gives up on a proxy's error page; ours does not.
    source.onerror = () => {
      source?.close();
      if (closed) return;
      onBreak?.();
      void suspectServer();
      timer = setTimeout(reconnect, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    };
    for (const [name, handle] of Object.entries(on)) {
      source.addEventListener(name, (event) => {
        const data = parse((event as MessageEvent<string>).data);
        if (data !== undefined) handle(data);
      });
    }
  };

  // While the server is known to be gone there is nothing to open; the stream follows as soon as it is back.
  const reconnect = () => void whenReachable().then(() => closed || connect());

  connect();
  return () => {
    closed = true;
    clearTimeout(timer);
    source?.close();
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A cut-off event: the next one, or the refetch after reopening, brings the state.
    return undefined;
  }
}
