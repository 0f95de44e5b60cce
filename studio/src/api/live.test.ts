import { afterEach, beforeEach, expect, it, vi } from "vitest";
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

beforeEach(() => {
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

it("reopens after a break with growing waits, and says that it is again", () => {
  const onOpen = vi.fn();
  const onBreak = vi.fn();
  openStream("/live", { on: {}, onOpen, onBreak });
  source(0).onopen?.();
  source(0).onerror?.();
  expect(source(0).closed).toBe(true);
  vi.advanceTimersByTime(999);
  expect(FakeSource.all).toHaveLength(1);
  vi.advanceTimersByTime(1);
  source(1).onerror?.();
  vi.advanceTimersByTime(1999);
  expect(FakeSource.all).toHaveLength(2);
  vi.advanceTimersByTime(1);
  source(2).onopen?.();
  expect(onOpen.mock.calls).toEqual([[false], [true]]);
  expect(onBreak).toHaveBeenCalledTimes(2);
  // A stream that opened may break again; its waits start over.
  source(2).onerror?.();
  vi.advanceTimersByTime(1000);
  expect(FakeSource.all).toHaveLength(4);
});

it("stays closed once closed, even in the middle of a wait", () => {
  const close = openStream("/live", { on: {} });
  source(0).onerror?.();
  close();
  vi.advanceTimersByTime(60_000);
  expect(FakeSource.all).toHaveLength(1);
});
