import { QueryClientProvider, useMutation } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { api } from "./calls";
import { resetConnection, sawServer, tryNow } from "./connection";
import { createQueryClient, keys, usePools, useSession } from "./queries";

let reachable = true;
const fetched = vi.fn(async (request: Request) => {
  if (!reachable) throw new TypeError("Failed to fetch");
  const { pathname } = new URL(request.url);
  const body = pathname.endsWith("/session")
    ? { state: "signed_in", version: "1" }
    : { items: [{ id: "p", name: "AE", members: [] }] };
  return new Response(JSON.stringify(body), { headers: { "content-type": "application/json" } });
});

beforeEach(() => {
  reachable = true;
  fetched.mockClear();
  vi.stubGlobal("fetch", fetched);
  resetConnection(async () => reachable);
});
afterEach(() => {
  resetConnection();
  vi.unstubAllGlobals();
});

function Pools() {
  const pools = usePools();
  const make = useMutation({ mutationFn: () => api.createPool({ name: "SDR" }) });
  return (
    <>
      <p>{pools.data ? pools.data.items.map((pool) => pool.name).join() : pools.status}</p>
      <button type="button" onClick={() => make.mutate()}>
        {make.status}
      </button>
    </>
  );
}

function Who() {
  return <p>{useSession().data?.state ?? "unknown"}</p>;
}

function show(node: React.ReactNode) {
  const client = createQueryClient();
  render(<QueryClientProvider client={client}>{node}</QueryClientProvider>);
  return client;
}

it("reading waits for the server and goes on by itself when it is back", async () => {
  reachable = false;
  show(<Pools />);
  await waitFor(() => expect(fetched).toHaveBeenCalled());
  expect(screen.getByText("pending")).toBeVisible();
  const before = fetched.mock.calls.length;
  reachable = true;
  tryNow();
  expect(await screen.findByText("AE")).toBeVisible();
  expect(fetched.mock.calls.length - before).toBeLessThanOrEqual(2);
});

it("writing is never repeated by the client", async () => {
  show(<Pools />);
  await screen.findByText("AE");
  reachable = false;
  fetched.mockClear();
  await userEvent.click(screen.getByRole("button"));
  expect(await screen.findByText("error")).toBeVisible();
  reachable = true;
  sawServer();
  await waitFor(() => expect(fetched.mock.calls.some(([request]) => request.method === "GET")).toBe(true));
  expect(fetched.mock.calls.filter(([request]) => request.method === "POST")).toHaveLength(1);
});

it("a call refused for want of a session signs the studio out", async () => {
  const client = show(<Who />);
  await screen.findByText("signed_in");
  fetched.mockResolvedValueOnce(
    new Response(JSON.stringify({ code: "AUTH-0003" }), {
      status: 401,
      headers: { "content-type": "application/problem+json" },
    }),
  );
  await client.fetchQuery({ queryKey: keys.pools, queryFn: () => api.pools() }).catch(() => {});
  expect(await screen.findByText("signed_out")).toBeVisible();
});
