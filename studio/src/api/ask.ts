/**
 * Calls of routes whose answers the studio describes by hand, in the file of their area (`inbox.ts`, `storage.ts`).
 * They leave through the same client as all others: same CSRF token, same errors.
 */
import { client } from "./client";

type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

interface Asked {
  /** Fills `{id}` and the like in the path. */
  path?: Readonly<Record<string, string>>;
  /** Empty ones are left out. */
  query?: Readonly<Record<string, string | number | undefined>>;
  /** JSON, or a form with a file in it. */
  body?: unknown;
  /** A file that is the whole body, as it is. */
  file?: Blob;
  signal?: AbortSignal | undefined;
}

type Loose = Record<Method, (path: string, init: object) => Promise<{ data?: unknown }>>;

/** Makes the call and gives its answer; throws `ApiError` or `UnreachableError`. */
export async function ask<Answer>(method: Method, route: string, asked: Asked = {}): Promise<Answer> {
  const { path = {}, query = {}, body, file, signal } = asked;
  const filled = Object.fromEntries(
    Object.entries(query).filter(([, value]) => value !== undefined && value !== ""),
  );
  const init = {
    params: { path, query: filled },
    ...(body === undefined ? {} : { body }),
    ...(file
      ? {
          body: file,
          bodySerializer: (whole: Blob) => whole,
          headers: { "content-type": file.type || "text/csv" },
        }
      : {}),
    ...(signal ? { signal } : {}),
  };
  return (await (client as unknown as Loose)[method](route, init)).data as Answer;
}
