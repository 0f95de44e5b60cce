import { afterEach, expect, it, vi } from "vitest";
import { resetConnection, sawServer, useConnection } from "./connection";
import { whenServed } from "./parts";

const broken = () => Promise.reject(new TypeError("Failed to fetch dynamically imported module"));

afterEach(() => resetConnection());

it("waits for a server that is away, then loads the part", async () => {
  resetConnection(async () => false);
  const load = vi.fn<() => Promise<string>>().mockImplementationOnce(broken).mockResolvedValue("the editor");
  const part = whenServed(load);
  await vi.waitFor(() => expect(useConnection.getState().reachable).toBe(false));
  expect(load).toHaveBeenCalledOnce();
  sawServer();
  await expect(part).resolves.toBe("the editor");
});

it("passes the failure on when the server answers: the part is gone for good", async () => {
  resetConnection(async () => true);
  const load = vi.fn(broken);
  await expect(whenServed(load)).rejects.toThrow("dynamically imported");
  expect(load).toHaveBeenCalledTimes(2);
});

it("loads a part that was missed a moment before the server came back", async () => {
  resetConnection(async () => true);
  const load = vi.fn<() => Promise<string>>().mockImplementationOnce(broken).mockResolvedValue("the editor");
  await expect(whenServed(load)).resolves.toBe("the editor");
});
