/** Everything the studio knows of the server. Nothing else calls `fetch`. */
export { api, type LeadFilter, type RunFilter, streams } from "./calls";
export { onReconnect, tryNow, useConnection, whenReachable } from "./connection";
export { ApiError, type Told, tell, UnreachableError } from "./error";
export { openStream } from "./live";
export { whenServed } from "./parts";
export * from "./queries";
export type * from "./types";
