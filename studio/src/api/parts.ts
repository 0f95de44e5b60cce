/** Code that is loaded when it is first needed, which must not break a page while the server is away. */
import { suspectServer, useConnection, whenReachable } from "./connection";

/**
 * Loads a part of the studio. With the server gone it waits and loads it then; a failure although the server answers
 * is thrown, as after an update, when the part is no longer there.
 */
export async function whenServed<Part>(load: () => Promise<Part>): Promise<Part> {
  try {
    return await load();
  } catch (error) {
    await suspectServer();
    if (useConnection.getState().reachable) throw error;
    await whenReachable();
    return load();
  }
}
