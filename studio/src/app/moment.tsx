import { useSyncExternalStore } from "react";
import { ago, dateTime } from "./time";

/** A moment as "4 min ago", renewed every half minute, with the exact time as its title. */
export function Moment({ at, className }: { at: string | null | undefined; className?: string }) {
  const now = useSyncExternalStore(subscribe, currentTime);
  if (!at) return null;
  return (
    <time dateTime={at} title={dateTime(at)} className={className}>
      {ago(at, Math.max(now, Date.parse(at)))}
    </time>
  );
}

// One clock for all moments on a page.
const PERIOD = 30_000;
let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function currentTime(): number {
  return now;
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    now = Date.now();
    timer = setInterval(() => {
      now = Date.now();
      for (const tell of listeners) tell();
    }, PERIOD);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearInterval(timer);
  };
}
