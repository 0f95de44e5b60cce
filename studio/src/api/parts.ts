/** Code that is loaded when it is first needed, which must not break a page while the server is away. */
import { suspectServer, whenReachable } from "./connection";

/**
 * Loads a part of the studio. With the server gone it waits and loads it then. A failure although the server answers is
 * thrown, as after an update, when the part is no longer there; the first one may be from a moment ago, when it did not.
 */
export async function whenServed<Part>(load: () => Promise<Part>): Promise<Part> {
  try {
    return await load();
  } catch {
    await suspectServer();
    await whenReachable();
    return load();
  }
}
