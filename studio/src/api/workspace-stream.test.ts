import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { onWorkspace } from "./workspace-stream";

class FakeSource extends EventTarget {
  static opened: FakeSource[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  constructor(readonly url: string) {
    super();
    FakeSource.opened.push(this);
  }
  close() {
    this.closed = true;
  }
  say(name: string, data: unknown) {
    this.dispatchEvent(new MessageEvent(name, { data: JSON.stringify(data) }));
  }
}

beforeEach(() => {
  FakeSource.opened = [];
  vi.stubGlobal("EventSource", FakeSource);
});
afterEach(() => vi.unstubAllGlobals());

it("is one stream for all listeners, closed with the last", () => {
  const runs = vi.fn();
  const inbox = vi.fn();
  const stopRuns = onWorkspace("run", { event: runs });
  const stopInbox = onWorkspace("inbox", { event: inbox });
  const [source, second] = FakeSource.opened;
  expect(second).toBeUndefined();
  source?.say("inbox", { count: 3 });
  expect(inbox).toHaveBeenCalledWith({ count: 3 });
  expect(runs).not.toHaveBeenCalled();
  stopRuns();
  expect(source?.closed).toBe(false);
  stopInbox();
  expect(source?.closed).toBe(true);
  onWorkspace("run", { event: runs })();
  expect(FakeSource.opened).toHaveLength(2);
});
