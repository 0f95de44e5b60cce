import { afterEach, beforeEach, expect, it, vi } from "vitest";
import {
  lostServer,
  onReconnect,
  resetConnection,
  sawServer,
  tryNow,
  useConnection,
  whenReachable,
} from "./connection";

let back = false;
const probe = vi.fn(async () => back);

beforeEach(() => {
  vi.useFakeTimers();
  back = false;
  probe.mockClear();
  resetConnection(probe);
});
afterEach(() => vi.useRealTimers());

it("looks for a lost server with growing waits, 15 seconds at most", async () => {
  lostServer();
  const waits = [500, 1000, 2000, 4000, 8000, 15_000, 15_000];
  for (const [index, wait] of waits.entries()) {
    await vi.advanceTimersByTimeAsync(wait - 1);
    expect(probe).toHaveBeenCalledTimes(index);
    await vi.advanceTimersByTimeAsync(1);
    expect(probe).toHaveBeenCalledTimes(index + 1);
  }
});

it("starts looking once, however many calls failed", async () => {
  lostServer();
  lostServer();
  await vi.advanceTimersByTimeAsync(500);
  expect(probe).toHaveBeenCalledOnce();
});

it("lets those who wait go on once the server is back, and starts over with short waits", async () => {
  const told = vi.fn();
  onReconnect(told);
  lostServer();
  let reached = false;
  void whenReachable().then(() => {
    reached = true;
  });
  await vi.advanceTimersByTimeAsync(1500);
  expect(reached).toBe(false);
  back = true;
  await vi.advanceTimersByTimeAsync(2000);
  expect(reached).toBe(true);
  expect(told).toHaveBeenCalledOnce();
  expect(useConnection.getState().reachable).toBe(true);

  probe.mockClear();
  lostServer();
  await vi.advanceTimersByTimeAsync(500);
  expect(probe).toHaveBeenCalledOnce();
  expect(told).toHaveBeenCalledTimes(2);
});

it("looks at once when asked to, and not a second time for the wait it replaced", async () => {
  lostServer();
  tryNow();
  expect(probe).toHaveBeenCalledOnce();
  back = true;
  await vi.advanceTimersByTimeAsync(1000);
  expect(probe).toHaveBeenCalledTimes(2);
});

it("stops looking when another call found the server", async () => {
  lostServer();
  sawServer();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(probe).not.toHaveBeenCalled();
  await whenReachable();
});
