import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { api } from "./calls";
import { resetConnection, useConnection } from "./connection";
import { ApiError, UnreachableError } from "./error";
import { CSRF_HEADER, onSignedOut, setCsrf } from "./transport";

const fetched = vi.fn<(request: Request) => Promise<Response>>();

function json(body: unknown, status = 200, type = "application/json") {
  return new Response(JSON.stringify(body), { status, headers: { "content-type": type } });
}

beforeEach(() => {
  fetched.mockReset();
  vi.stubGlobal("fetch", fetched);
  resetConnection(() => new Promise(() => {}));
  setCsrf(undefined);
  onSignedOut(() => {});
});
afterEach(() => {
  resetConnection();
  vi.unstubAllGlobals();
});

const sent = (call = 0) => fetched.mock.calls[call]?.[0] as Request;

describe("CSRF", () => {
  it("sends the session's token with what changes something, and only with that", async () => {
    fetched.mockResolvedValueOnce(json({ state: "signed_in", csrf: "t-1", version: "1" }));
    await api.session();
    fetched.mockImplementation(async () => json({ items: [] }));
    await api.pools();
    await api.createPool({ name: "AE" });
    expect(sent(1).headers.get(CSRF_HEADER)).toBeNull();
    expect(sent(2).headers.get(CSRF_HEADER)).toBe("t-1");
    expect(await sent(2).json()).toEqual({ name: "AE" });
  });

  it("takes the token of each new session and drops it at sign-out", async () => {
    fetched.mockImplementation(async (request) =>
      request.method === "DELETE"
        ? new Response(null, { status: 204 })
        : json({ state: "signed_in", csrf: "t-2", version: "1" }),
    );
    await api.signIn({ email: "a@b.c", password: "x" });
    await api.signOut();
    await api.signIn({ email: "a@b.c", password: "x" });
    expect(sent(1).headers.get(CSRF_HEADER)).toBe("t-2");
    expect(sent(2).headers.get(CSRF_HEADER)).toBeNull();
  });
});

it("reads the CSRF token anew when another tab has started a new session, and tries once more only", async () => {
  setCsrf("old");
  fetched.mockImplementation(async (request) => {
    if (request.method === "GET") return json({ state: "signed_in", csrf: "new", version: "1" });
    return json({ code: "AUTH-0002", status: 403 }, 403, "application/problem+json");
  });
  await expect(api.createPool({ name: "AE" })).rejects.toMatchObject({ code: "AUTH-0002" });
  expect(fetched.mock.calls.map(([request]) => [request.method, request.headers.get(CSRF_HEADER)])).toEqual([
    ["POST", "old"],
    ["GET", null],
    ["POST", "new"],
  ]);
});

describe("refusals", () => {
  it("become an ApiError with code, words and the problems of the document", async () => {
    const problems = [
      { code: "WF-0110", severity: "error", message: "Path is missing.", action: "Fill it in." },
    ];
    fetched.mockResolvedValue(
      json(
        {
          code: "WF-0005",
          title: "The draft has errors",
          status: 422,
          detail: "one thing is missing",
          action: "Mend it.",
          problems,
        },
        422,
        "application/problem+json",
      ),
    );
    const error = await api.publish("w", { base_revision: 3 }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({
      status: 422,
      code: "WF-0005",
      title: "The draft has errors",
      detail: "One thing is missing.",
      action: "Mend it.",
      problems,
    });
    expect(useConnection.getState().reachable).toBe(true);
  });

  it("stay errors when their body is not a problem document", async () => {
    fetched.mockResolvedValue(new Response("<html>", { status: 413, statusText: "Payload Too Large" }));
    await expect(api.pools()).rejects.toMatchObject({ code: "HTTP-413", title: "Payload Too Large" });
  });

  it("tell the app when nobody is signed in any more", async () => {
    const told = vi.fn();
    onSignedOut(told);
    fetched.mockResolvedValue(
      json({ code: "AUTH-0003", title: "Signed out", status: 401 }, 401, "application/problem+json"),
    );
    await expect(api.pools()).rejects.toBeInstanceOf(ApiError);
    expect(told).toHaveBeenCalledOnce();
  });
});

describe("a server that is gone", () => {
  it("is noticed by a failed connection, and nothing is sent twice", async () => {
    fetched.mockRejectedValue(new TypeError("Failed to fetch"));
    await expect(api.createPool({ name: "AE" })).rejects.toBeInstanceOf(UnreachableError);
    expect(fetched).toHaveBeenCalledOnce();
    expect(useConnection.getState().reachable).toBe(false);
  });

  it("is noticed by a proxy's error page, but not by a failure of Trunkline itself", async () => {
    fetched.mockResolvedValueOnce(
      json({ code: "API-0500", title: "Broke", status: 500 }, 500, "application/problem+json"),
    );
    await expect(api.pools()).rejects.toBeInstanceOf(ApiError);
    expect(useConnection.getState().reachable).toBe(true);
    fetched.mockResolvedValueOnce(new Response("Bad Gateway", { status: 502 }));
    await expect(api.pools()).rejects.toBeInstanceOf(UnreachableError);
    expect(useConnection.getState().reachable).toBe(false);
  });

  it("is not blamed when the caller gave up", async () => {
    const stop = new AbortController();
    stop.abort();
    fetched.mockRejectedValue(new DOMException("aborted", "AbortError"));
    await expect(api.pools(stop.signal)).rejects.toThrow("aborted");
    expect(useConnection.getState().reachable).toBe(true);
  });

  it("is back with the next answer", async () => {
    fetched.mockRejectedValueOnce(new TypeError("Failed to fetch"));
    await expect(api.pools()).rejects.toBeInstanceOf(UnreachableError);
    fetched.mockResolvedValueOnce(json({ items: [] }));
    await api.pools();
    expect(useConnection.getState()).toEqual({ reachable: true, lostAt: null });
  });
});

it("leaves empty filters out of the address", async () => {
  fetched.mockResolvedValue(json({ items: [], next: null }));
  await api.runs({ workflow: "w 1", search: "", status: undefined, limit: 50 });
  expect(new URL(sent().url).search).toBe("?workflow=w%201&limit=50");
});

it("writes ids into addresses so that they stay one part of them", async () => {
  fetched.mockResolvedValue(json({}));
  await api.run("a/../b?c");
  expect(new URL(sent().url).pathname).toBe("/api/v1/runs/a%2F..%2Fb%3Fc");
});
