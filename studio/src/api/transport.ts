/**
 * Every call of the studio leaves through `transport`: it adds the CSRF token, notices when the server is gone,
 * and notices when the session has ended. It never retries.
 */
import { lostServer, sawServer } from "./connection";
import { errorOf, isProblem, UnreachableError } from "./error";

export const CSRF_HEADER = "x-trunkline-csrf";
const SAFE_METHODS = new Set(["GET", "HEAD", "OPTIONS"]);

let csrf: string | undefined;
let signedOut: () => void = () => {};

/** Remembers the token of the session; each answer about the session brings the present one. */
export function setCsrf(token: string | undefined): void {
  csrf = token;
}

/** Says what to do when a call is refused because nobody is signed in. */
export function onSignedOut(listener: () => void): void {
  signedOut = listener;
}

/** `fetch` with the studio's manners. Throws `ApiError` outside 2xx and `UnreachableError` when nothing answered. */
export async function transport(request: Request): Promise<Response> {
  if (csrf !== undefined && !SAFE_METHODS.has(request.method)) request.headers.set(CSRF_HEADER, csrf);
  let response: Response;
  try {
    response = await fetch(request);
  } catch (error) {
    // The caller gave up; that says nothing about the server.
    if (request.signal.aborted) throw error;
    lostServer();
    throw new UnreachableError();
  }
  // A 5xx that is no problem document was written by a proxy in between, not by Trunkline.
  if (response.status >= 500 && !isProblem(response)) {
    lostServer();
    throw new UnreachableError();
  }
  sawServer();
  if (response.ok) return response;
  const error = await errorOf(response);
  if (error.status === 401) signedOut();
  throw error;
}
