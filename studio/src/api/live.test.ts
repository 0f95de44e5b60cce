import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { resetConnection, useConnection } from "./connection";
import { openStream } from "./live";

class FakeSource extends EventTarget {
  static all: FakeSource[] = [];
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  closed = false;
  constructor(readonly url: string) {
    super();
    FakeSource.all.push(this);
  }
  close() {
    this.closed = true;
  }
  say(name: string, data: string) {
    this.dispatchEvent(new MessageEvent(name, { data }));
  }
}

const source = (index: number) => FakeSource.all[index] as FakeSource;

let reachable = true;

beforeEach(() => {
  reachable = true;
  resetConnection(async () => reachable);
  FakeSource.all = [];
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", FakeSource);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("hands on parsed events and skips broken ones", () => {
  const run = vi.fn();
  openStream("/live", { on: { run } });
  source(0).say("run", '{"id":"r"}');
  source(0).say("run", '{"id":');
  source(0).say("hello", "{}");
  expect(run.mock.calls).toEqual([[{ id: "r" }]]);
});

it("reopens after a break with growing waits, and says that it is again", async () => {
  const onOpen = vi.fn();
  const onBreak = vi.fn();
  openStream("/live", { on: {}, onOpen, onBreak });
  source(0).onopen?.();
  source(0).onerror?.();
  expect(source(0).closed).toBe(true);
  await vi.advanceTimersByTimeAsync(999);
  expect(FakeSource.all).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(1);
  source(1).onerror?.();
  await vi.advanceTimersByTimeAsync(1999);
  expect(FakeSource.all).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(1);
  source(2).onopen?.();
  expect(onOpen.mock.calls).toEqual([[false], [true]]);
  expect(onBreak).toHaveBeenCalledTimes(2);
  // A stream that opened may break again; its waits start over.
  source(2).onerror?.();
  await vi.advanceTimersByTimeAsync(1000);
  expect(FakeSource.all).toHaveLength(4);
});

it("stays closed once closed, even in the middle of a wait", async () => {
  const close = openStream("/live", { on: {} });
  source(0).onerror?.();
  close();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(FakeSource.all).toHaveLength(1);
});

it("notices by a broken stream that the server is gone, and opens again when it is back", async () => {
  openStream("/live", { on: {} });
  source(0).onopen?.();
  reachable = false;
  source(0).onerror?.();
  await vi.advanceTimersByTimeAsync(400);
  expect(useConnection.getState().reachable).toBe(false);
  await vi.advanceTimersByTimeAsync(3000);
  expect(FakeSource.all).toHaveLength(1);
  reachable = true;
  await vi.advanceTimersByTimeAsync(4000);
  expect(useConnection.getState().reachable).toBe(true);
  expect(FakeSource.all).toHaveLength(2);
});
