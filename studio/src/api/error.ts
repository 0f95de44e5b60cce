import type { Problem } from "@/document/types";

/** What a `application/problem+json` answer holds. */
interface ProblemBody {
  title?: string;
  status?: number;
  code?: string;
  detail?: string;
  action?: string;
  problems?: Problem[];
}

/** The server understood the call and refused it, or failed at it. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  /** Stable, with a page of its own under /docs/errors: "WF-0004". */
  readonly code: string;
  readonly title: string;
  /** What happened, in a sentence. */
  readonly detail: string;
  /** What to do about it. */
  readonly action: string;
  /** What is wrong with the document, when that is why. */
  readonly problems: Problem[];

  constructor(status: number, body: ProblemBody) {
    const title = body.title ?? "The request failed";
    super(sentence(body.detail) || title);
    this.status = status;
    this.code = body.code ?? `HTTP-${status}`;
    this.title = title;
    this.detail = sentence(body.detail);
    this.action = sentence(body.action);
    this.problems = body.problems ?? [];
  }
}

/** Errors of the engine are written as fragments, "there is no such lead"; people read sentences. */
function sentence(text: string | undefined): string {
  const words = text?.trim() ?? "";
  if (words === "") return "";
  const started = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?…]$/.test(started) ? started : `${started}.`;
}

/** No answer came from Trunkline: it is stopped, restarting, or the network is down. The call may be tried again. */
export class UnreachableError extends Error {
  override readonly name = "UnreachableError";
  constructor() {
    super("Trunkline is not reachable");
  }
}

/** True for answers that only Trunkline gives; a proxy's error page is none of them. */
export function isProblem(response: Response): boolean {
  return (response.headers.get("content-type") ?? "").includes("application/problem+json");
}

/** Turns an answer outside 2xx into an `ApiError`, whatever its body turns out to be. */
export async function errorOf(response: Response): Promise<ApiError> {
  if (!isProblem(response)) {
    return new ApiError(response.status, {
      title: response.statusText || "The request failed",
      action: "Reload the page and try once more.",
    });
  }
  const body: unknown = await response.json().catch(() => ({}));
  return new ApiError(response.status, typeof body === "object" && body !== null ? body : {});
}

/** What to tell the user about anything that was thrown. */
export interface Told {
  title: string;
  detail: string;
  action: string;
  code?: string;
}

export function tell(error: unknown): Told {
  if (error instanceof ApiError) {
    return { title: error.title, detail: error.detail, action: error.action, code: error.code };
  }
  if (error instanceof UnreachableError) {
    return {
      title: "Trunkline is not reachable",
      detail: "The server did not answer.",
      action: "It is tried again by itself; check that the server is running if this lasts.",
    };
  }
  return {
    title: "Something went wrong in the studio",
    detail: error instanceof Error ? error.message : String(error),
    action: "Reload the page; your saved work is kept.",
  };
}
