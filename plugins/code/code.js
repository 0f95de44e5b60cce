// The step Code: runs what people wrote as the body of a function. Time and chance are the run's, not the machine's.
import clock from "trunkline:plugin/clock@1.0.0";
import log from "trunkline:plugin/log@1.0.0";
import random from "trunkline:plugin/random@1.0.0";

// The engine's own clock and randomness stand still in the snapshot this component is made of.
const MachineDate = Date;

function dateOf(moment) {
  return class Date extends MachineDate {
    constructor(...parts) {
      if (parts.length === 0) super(moment);
      else super(...parts);
    }

    static now() {
      return moment;
    }
  };
}

function drawing() {
  let drawn = new DataView(new ArrayBuffer(0));
  let at = 0;
  return () => {
    if (at + 8 > drawn.byteLength) {
      const bytes = random.bytes(1024);
      drawn = new DataView(Uint8Array.from(bytes).buffer);
      at = 0;
    }
    // 53 bits make a number from 0 to just under 1.
    const high = drawn.getUint32(at) >>> 5;
    const low = drawn.getUint32(at + 4) >>> 6;
    at += 8;
    return (high * 67108864 + low) / 9007199254740992;
  };
}

/** The engine puts this many lines before the body of a function that is made of a text. */
const LINES_BEFORE = 2;

function inWords(error) {
  if (!(error instanceof Error)) return String(error);
  const words = error.name === "Error" ? error.message : `${error.name}: ${error.message}`;
  const place = /<input>:(\d+)/.exec(error.stack ?? "");
  return place ? `${words} (line ${Number(place[1]) - LINES_BEFORE})` : words;
}

function failure(kind, message) {
  return { kind, message, retryAfterSeconds: null };
}

// Nobody installs it; what it says of itself lets `trunkline plugin test` try and measure it.
const ABOUT = {
  format: 1,
  name: "code",
  title: "Code",
  version: "1.0.0",
  summary: "Runs what people write into the step Code.",
  icon: "braces",
  steps: [
    {
      name: "run",
      title: "Code",
      summary: "Computes something with a few lines of JavaScript.",
      effect: "pure",
      settings: {
        type: "object",
        properties: { code: { type: "string", title: "Code" }, input: { type: "object", title: "Input" } },
        required: ["code", "input"],
      },
      examples: [
        {
          settings: {
            code: "return input.emails.map((email) => email.split('@')[1].toLowerCase());",
            input: { emails: ["ada@Example.com", "grace@other.example"] },
          },
          output: ["example.com", "other.example"],
        },
      ],
    },
  ],
};

export function describe() {
  return JSON.stringify(ABOUT);
}

export function run(_step, settings, context) {
  const { code, input } = JSON.parse(settings);
  globalThis.Date = dateOf(Number(context.now));
  Math.random = drawing();
  // There is no other clock: nothing moves while the code runs.
  globalThis.performance = { timeOrigin: Number(context.now), now: () => 0 };
  const say = (...parts) =>
    log.write("info", parts.map((part) => (typeof part === "string" ? part : JSON.stringify(part))).join(" "));
  let work;
  try {
    work = new Function("input", "log", code);
  } catch (error) {
    throw failure("bad-input", `the code cannot be understood: ${inWords(error)}`);
  }
  let result;
  try {
    result = work(input, say);
  } catch (error) {
    throw failure("fatal", inWords(error));
  }
  const output = JSON.stringify(result === undefined ? null : result);
  if (output === undefined) throw failure("fatal", "what the code returns cannot be kept: return data, not a function");
  return { output, port: null, why: null };
}
