// What every plugin in JavaScript needs: `plugin({ about, steps })` makes the two functions that Trunkline calls, and the
// clock, chance, log, other systems and kept values are those of the run.
import clock from "trunkline:plugin/clock@1.0.0";
import hosted from "trunkline:plugin/http@1.0.0";
import lines from "trunkline:plugin/log@1.0.0";
import random from "trunkline:plugin/random@1.0.0";
import kept from "trunkline:plugin/state@1.0.0";

const MachineDate = Date;

/** A failure that says whether trying again can help: bad-input, auth, rate-limited, temporary, fatal or unknown-outcome. */
export class Failure extends Error {
  constructor(kind, message, retryAfterSeconds) {
    super(message);
    this.kind = kind;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** Lines for whoever looks after the server. */
export const log = {
  debug: (text) => lines.write("debug", String(text)),
  info: (text) => lines.write("info", String(text)),
  warn: (text) => lines.write("warn", String(text)),
  error: (text) => lines.write("error", String(text)),
};

/** Values that are kept for the workflow, from one run to the next; anything that is JSON. */
export const state = {
  get(key) {
    const value = given(() => kept.get(key));
    return value === undefined || value === null ? undefined : JSON.parse(value);
  },
  set(key, value) {
    given(() => kept.set(key, value === undefined ? null : JSON.stringify(value)));
  },
};

/**
 * Calls another system: `{ method, headers, body, connection }`, where a body that is no text is sent as JSON and
 * `connection` is the setting that names one. Gives `{ status, headers, text, json() }`, whatever the status.
 */
export function request(url, { method = "GET", headers = {}, body, connection } = {}) {
  const named = Object.entries(headers);
  let bytes;
  if (body !== undefined) {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    if (typeof body !== "string" && !named.some(([name]) => name.toLowerCase() === "content-type")) {
      named.push(["content-type", "application/json"]);
    }
    bytes = encode(text);
  }
  const answer = given(() => hosted.send({ method, url, headers: named, body: bytes ?? null, connection: connection ?? null }));
  const text = decode(answer.body);
  return {
    status: answer.status,
    headers: Object.fromEntries(answer.headers),
    text,
    json: () => JSON.parse(text),
  };
}

/** The failure that a status outside 200 to 299 stands for. */
export function failureOf({ status, headers }, what) {
  const wait = Number.parseInt(headers["retry-after"] ?? "", 10);
  const kinds = { 401: "auth", 403: "auth", 429: "rate-limited" };
  const kind = kinds[status] ?? (status >= 500 ? "temporary" : "bad-input");
  return new Failure(kind, `${what} answered ${status}`, Number.isNaN(wait) ? undefined : wait);
}

/** `{ output, port, why }` for a step that leaves by a port of its own or says why it came out so. */
export function answer(output, { port, why } = {}) {
  return new Answer(output, port, why);
}

class Answer {
  constructor(output, port, why) {
    this.output = output;
    this.port = port;
    this.why = why;
  }
}

/** Makes `describe` and `run` of what the plugin is and a function for each step. */
export function plugin({ about, steps }) {
  return {
    describe: () => JSON.stringify(about),
    run(step, input, context) {
      const work = steps[step];
      if (!work) throw failed(new Failure("fatal", `there is no step ${step}`));
      standStill(Number(context.now));
      let result;
      try {
        result = work(JSON.parse(input), context);
      } catch (error) {
        throw failed(error);
      }
      const told = result instanceof Answer ? result : new Answer(result);
      const output = JSON.stringify(told.output === undefined ? null : told.output);
      return { output, port: told.port ?? null, why: told.why ?? null };
    },
  };
}

function failed(error) {
  const kind = error instanceof Failure ? error.kind : "fatal";
  const message = error instanceof Error ? error.message : String(error);
  return { kind, message, retryAfterSeconds: error?.retryAfterSeconds ?? null };
}

/** A failure of the host, as one of ours. */
function given(ask) {
  try {
    return ask();
  } catch (error) {
    const said = error?.payload ?? error;
    if (said && typeof said === "object" && "kind" in said) {
      throw new Failure(said.kind, said.message, said.retryAfterSeconds);
    }
    throw error;
  }
}

/** The engine's clock and chance stand still in the snapshot that a component is made of; these are the run's. */
function standStill(moment) {
  globalThis.Date = class Date extends MachineDate {
    constructor(...parts) {
      if (parts.length === 0) super(moment);
      else super(...parts);
    }

    static now() {
      return moment;
    }
  };
  globalThis.performance = { timeOrigin: moment, now: () => 0 };
  let drawn = new DataView(new ArrayBuffer(0));
  let at = 0;
  Math.random = () => {
    if (at + 8 > drawn.byteLength) {
      drawn = new DataView(Uint8Array.from(random.bytes(1024)).buffer);
      at = 0;
    }
    const high = drawn.getUint32(at) >>> 5;
    const low = drawn.getUint32(at + 4) >>> 6;
    at += 8;
    return (high * 67108864 + low) / 9007199254740992;
  };
}

/** The moment it is in the run, in milliseconds since 1970. */
export const now = () => Number(clock.now());

function encode(text) {
  const bytes = [];
  for (const letter of text) {
    const code = letter.codePointAt(0);
    if (code < 0x80) bytes.push(code);
    else if (code < 0x800) bytes.push(0xc0 | (code >> 6), 0x80 | (code & 63));
    else if (code < 0x10000) bytes.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    else {
      bytes.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 63), 0x80 | ((code >> 6) & 63), 0x80 | (code & 63));
    }
  }
  return Uint8Array.from(bytes);
}

function decode(bytes) {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at];
    const length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    let code = length === 1 ? first : first & (0xff >> (length + 1));
    for (let more = 1; more < length; more++) code = (code << 6) | (bytes[at + more] & 63);
    text += String.fromCodePoint(code);
    at += length;
  }
  return text;
}
