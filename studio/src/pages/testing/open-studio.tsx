import { QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, RouterProvider } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import { vi } from "vitest";
import { createQueryClient } from "@/api";
import { createStudioRouter } from "@/app/router";
import { Toaster, TooltipProvider } from "@/ui";

/** Answers per "METHOD /path" under /api/v1: a body, or a `Response` for anything but 200. */
type Answers = Record<string, unknown>;

const SIGNED_IN = {
  state: "signed_in",
  csrf: "token",
  version: "0.1.0",
  user: { id: "u", email: "ana@acme.example", role: "owner" },
  workspace: { id: "w", name: "Acme" },
};

/** A refusal as the server words it. */
export function problem(status: number, code: string, title: string, action: string): Response {
  return new Response(JSON.stringify({ status, code, title, detail: "", action }), {
    status,
    headers: { "content-type": "application/problem+json" },
  });
}

/** The whole studio at an address, over a server that knows only the given answers. */
export function openStudio(path: string, answers: Answers) {
  const known: Answers = { "GET /session": SIGNED_IN, "GET /step-kinds": { items: [] }, ...answers };
  const requests: { call: string; body: unknown }[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const call = `${request.method} ${new URL(request.url).pathname.replace("/api/v1", "")}`;
    const text = await request.text();
    requests.push({ call, body: text ? JSON.parse(text) : undefined });
    const answer = known[call];
    if (answer instanceof Response) return answer.clone();
    if (answer === undefined)
      return problem(404, "API-0404", `No answer for ${call}`, "Add one to the test.");
    return new Response(JSON.stringify(answer), { headers: { "content-type": "application/json" } });
  });
  vi.stubGlobal(
    "EventSource",
    class extends EventTarget {
      close() {}
    },
  );
  const history = createMemoryHistory({ initialEntries: [path] });
  render(
    <QueryClientProvider client={createQueryClient()}>
      <TooltipProvider>
        <RouterProvider router={createStudioRouter(history)} />
        <Toaster />
      </TooltipProvider>
    </QueryClientProvider>,
  );
  return { history, requests };
}
