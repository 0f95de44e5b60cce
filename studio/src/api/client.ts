/** The generated description of the API, spoken through `transport`. */
import createClient from "openapi-fetch";
import { ApiError } from "./error";
import type { paths } from "./schema";
import { setCsrf, transport } from "./transport";
import type { Session } from "./types";

export const BASE = "/api/v1";

/** The server's word for a CSRF token that is not of the present session. */
const WRONG_CSRF = "AUTH-0002";

export const client = createClient<paths>({
  baseUrl: new URL(BASE, window.location.origin).href,
  headers: { accept: "application/json" },
  fetch: send,
});

/** Each answer about the session carries the CSRF token of the next call that changes something. */
export function rememberCsrf(session: Session): Session {
  setCsrf(session.csrf ?? undefined);
  return session;
}

/**
 * A sign-in in another tab starts a new session, and this tab's token is refused before anything is done; so the
 * token is read anew and the call made once more.
 */
async function send(request: Request): Promise<Response> {
  const again = request.clone();
  try {
    return await transport(request);
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== WRONG_CSRF) throw error;
    const { data } = await client.GET("/session");
    if (data) rememberCsrf(data);
    return transport(again);
  }
}
