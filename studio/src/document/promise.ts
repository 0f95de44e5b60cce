/** What a step promises when something breaks half-way. Its kind says so; how it is set up may change it. */
import type { Json, Step, StepKind } from "./types";

export type PromiseLevel = StepKind["promise"];

export interface StepPromise {
  readonly level: PromiseLevel;
  /** In the words of the kind, or of the setting that changed it. */
  readonly text: string;
}

/** The levels in few words, for labels. */
export const PROMISE_TITLES: Readonly<Record<PromiseLevel, string>> = {
  none: "Writes nothing",
  once: "Happens exactly once",
  checked: "Looks before it repeats",
  uncertain: "Never repeated blindly",
};

const READING: ReadonlySet<Json> = new Set(["GET", "HEAD"]);

export function promiseOf(step: Pick<Step, "config">, kind: StepKind): StepPromise {
  const own: StepPromise = { level: kind.promise, text: kind.promise_text };
  if (kind.promise !== "uncertain") return own;
  const { config } = step;
  const method = "method" in config ? config.method : kind.schema.properties?.method?.default;
  if (READING.has(method))
    return { level: "none", text: "It only reads, so it can be asked again at any time." };
  if (config.ignores_repeats === true)
    return {
      level: "once",
      text: "Every try carries the same key, and the other side does what it knows by that key only once.",
    };
  if (typeof config.look === "object" && config.look !== null)
    return {
      level: "checked",
      text: "When the answer is lost, it first looks whether the other side has it, and sends it again only if not.",
    };
  return own;
}
