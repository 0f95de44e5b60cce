/**
 * Whether the server can be reached, and the patient retrying while it cannot.
 *
 * Only this module decides that: the transport reports what it saw, everybody else reads the state or waits for
 * `whenReachable`. It never repeats a call that changes something; whoever made the call does that, knowing whether
 * it is safe.
 */
import { create } from "zustand";

export interface Connection {
  reachable: boolean;
  /** When the server went away, in ms since 1970; null while it is there. */
  lostAt: number | null;
}

export const useConnection = create<Connection>(() => ({ reachable: true, lostAt: null }));

/** Waits between probes, in ms; the last repeats. */
const WAITS = [500, 1000, 2000, 4000, 8000, 15_000];

type Probe = () => Promise<boolean>;

let probe: Probe = async () => {
  try {
    const response = await fetch("/api/v1/session", { headers: { accept: "application/json" } });
    return response.ok;
  } catch {
    return false;
  }
};
let attempt = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
const waiting = new Set<() => void>();

/** The transport got an answer that came from Trunkline. */
export function sawServer(): void {
  if (useConnection.getState().reachable) return;
  clearTimeout(timer);
  timer = undefined;
  attempt = 0;
  useConnection.setState({ reachable: true, lostAt: null });
  for (const tell of [...waiting]) tell();
}

/** The transport got none; starts looking for the server until it is back. */
export function lostServer(): void {
  if (!useConnection.getState().reachable) return;
  useConnection.setState({ reachable: false, lostAt: Date.now() });
  schedule();
}

/** Something broke off that may mean that the server is gone, a stream for instance: looks once to be sure. */
export async function suspectServer(): Promise<void> {
  if (useConnection.getState().reachable && !(await probe())) lostServer();
}

/** Looks for the server now instead of when the next wait is over. */
export function tryNow(): void {
  if (useConnection.getState().reachable) return;
  clearTimeout(timer);
  void look();
}

/** Resolves as soon as the server can be reached, at once if it can. */
export function whenReachable(): Promise<void> {
  if (useConnection.getState().reachable) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      waiting.delete(done);
      resolve();
    };
    waiting.add(done);
  });
}

/** Calls `listener` each time the server comes back. Returns how to stop. */
export function onReconnect(listener: () => void): () => void {
  waiting.add(listener);
  return () => waiting.delete(listener);
}

/** For tests: another way of looking, and a clean start. */
export function resetConnection(using?: Probe): void {
  clearTimeout(timer);
  timer = undefined;
  attempt = 0;
  waiting.clear();
  if (using) probe = using;
  useConnection.setState({ reachable: true, lostAt: null });
}

function schedule(): void {
  const wait = WAITS[Math.min(attempt, WAITS.length - 1)] ?? 15_000;
  attempt += 1;
  timer = setTimeout(() => void look(), wait);
}

async function look(): Promise<void> {
  if (await probe()) sawServer();
  else schedule();
}
