// The types of trunkline.js, for editors and for plugins in TypeScript.

export type FailureKind = "bad-input" | "auth" | "rate-limited" | "temporary" | "fatal" | "unknown-outcome";

/** A failure that says whether trying again can help. */
export class Failure extends Error {
  constructor(kind: FailureKind, message: string, retryAfterSeconds?: number);
  kind: FailureKind;
  retryAfterSeconds?: number;
}

/** Lines for whoever looks after the server. */
export const log: Record<"debug" | "info" | "warn" | "error", (text: unknown) => void>;

/** Values that are kept for the workflow, from one run to the next. */
export const state: {
  get<T = unknown>(key: string): T | undefined;
  set(key: string, value: unknown): void;
};

export interface Call {
  method?: string;
  headers?: Record<string, string>;
  /** What is no text is sent as JSON. */
  body?: unknown;
  /** The setting that names a connection; its credentials are put in outside of the plugin. */
  connection?: string;
}

export interface Response {
  status: number;
  headers: Record<string, string>;
  text: string;
  json<T = unknown>(): T;
}

/** Calls another system that the plugin declares; gives what it answered, whatever the status. */
export function request(url: string, call?: Call): Response;

/** The failure that a status outside 200 to 299 stands for. */
export function failureOf(response: Pick<Response, "status" | "headers">, what: string): Failure;

export interface Context {
  /** Names the workflow; empty in tests of one step. */
  workflow: string;
  /** Stable over retries and restarts. */
  key: string;
  /** The moment it is in the run, in milliseconds since 1970. */
  now: bigint;
}

export interface Answer {
  output: unknown;
  port?: string;
  why?: string;
}

/** What a step puts out, when it leaves by a port of its own or says why it came out so. */
export function answer(output: unknown, told?: { port?: string; why?: string }): Answer;

/** What the plugin says of itself; docs/guides/plugins.md tells all of it. */
export interface About {
  format: 1;
  name: string;
  title: string;
  version: string;
  summary: string;
  help?: string;
  icon?: string;
  capabilities?: { hosts?: string[]; connections?: string[]; state?: boolean };
  steps: Array<Record<string, unknown> & { name: string; title: string; effect: "pure" | "read" | "write" }>;
}

/** Makes the two functions that Trunkline calls of what the plugin is and a function for each step. */
export function plugin(made: {
  about: About;
  // biome-ignore lint/suspicious/noExplicitAny: settings are whatever the form of the step gives
  steps: Record<string, (settings: any, context: Context) => unknown>;
}): { describe(): string; run(step: string, input: string, context: Context): unknown };

/** The moment it is in the run, in milliseconds since 1970. */
export function now(): number;
