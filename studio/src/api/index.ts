/** Everything the studio knows of the server. Nothing else calls `fetch`. */
export * from "./accounts";
export { api, type LeadFilter, type RunFilter, streams } from "./calls";
export { onReconnect, tryNow, useConnection, whenReachable } from "./connection";
export { ApiError, type Told, tell, UnreachableError } from "./error";
export * from "./imports";
export * from "./inbox";
export * from "./jobs";
export { openStream } from "./live";
export { whenServed } from "./parts";
export * from "./pins";
export * from "./queries";
export { runControl } from "./run-control";
export * from "./schedule";
export * from "./storage";
export * from "./tables";
export type * from "./types";
export * from "./undo";
export { onWorkspace } from "./workspace-stream";
