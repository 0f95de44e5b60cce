/**
 * Reads and writes the text of a template field.
 *
 * A template is plain text with `{{ expression }}` holes. The studio never evaluates one (the server does): this
 * module only finds the holes and recognises the simple ones, a path with filters, which are shown as pills.
 * Whatever it does not recognise stays exactly as typed: the texts of all segments joined are the template again.
 */

/** A run of plain text, or one `{{ }}` hole. `from` and `to` are offsets in the whole text. */
export type Segment =
  | { readonly type: "text"; readonly text: string; readonly from: number; readonly to: number }
  | {
      readonly type: "hole";
      /** The hole with its braces, exactly as typed. */
      readonly text: string;
      /** What stands between the braces, trimmed. */
      readonly inner: string;
      readonly from: number;
      readonly to: number;
    };

/** One filter call after a pipe: `default("none")` is `{name: "default", args: ["none"]}`. */
export interface FilterCall {
  readonly name: string;
  readonly args: readonly (string | number | boolean | null)[];
}

/** A path into the run's data with the filters applied to it, the only expressions shown as pills. */
export interface Reference {
  /** Root first: `["steps", "score", "reasons", 0, "label"]`. */
  readonly path: readonly (string | number)[];
  readonly filters: readonly FilterCall[];
}

/** Splits a template into text and holes. An unclosed `{{` is text. */
export function parseTemplate(text: string): Segment[] {
  const segments: Segment[] = [];
  let textFrom = 0;
  let at = text.indexOf("{{");
  while (at !== -1) {
    const end = holeEnd(text, at + 2);
    if (end === -1) break;
    if (at > textFrom)
      segments.push({ type: "text", text: text.slice(textFrom, at), from: textFrom, to: at });
    const inner = text
      .slice(at + 2, end - 2)
      .replace(/^-|-$/g, "")
      .trim();
    segments.push({ type: "hole", text: text.slice(at, end), inner, from: at, to: end });
    textFrom = end;
    at = text.indexOf("{{", end);
  }
  if (textFrom < text.length) {
    segments.push({ type: "text", text: text.slice(textFrom), from: textFrom, to: text.length });
  }
  return segments;
}

/** Offset just after the closing braces, or -1. Braces inside quoted strings do not close the hole. */
function holeEnd(text: string, from: number): number {
  let quote = "";
  for (let i = from; i < text.length; i++) {
    const c = text[i] as string;
    if (quote) {
      if (c === "\\") i++;
      else if (c === quote) quote = "";
    } else if (c === '"' || c === "'") {
      quote = c;
    } else if (c === "}" && text[i + 1] === "}") {
      return i + 2;
    } else if (c === "{" && text[i + 1] === "{") {
      return -1;
    }
  }
  return -1;
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]*/;
const SPACE = /^\s+/;
const NUMBER = /^-?\d+(\.\d+)?/;

/** Reads a path with filters; `null` for any richer expression. */
export function parseReference(inner: string): Reference | null {
  const cursor = new Cursor(inner);
  const path = readPath(cursor);
  const filters = path && readFilters(cursor);
  return path && filters ? { path, filters } : null;
}

/** The first filled of several paths, `(a.b or c["d"])|filter`: how data of unlike sources is brought together. */
export interface FirstFilled {
  readonly paths: readonly (readonly (string | number)[])[];
  readonly filters: readonly FilterCall[];
}

/** Reads `a or b`, or `(a or b)|filters`; `null` for anything else. Without brackets a filter would bind to `b` alone. */
export function parseFirstFilled(inner: string): FirstFilled | null {
  const cursor = new Cursor(inner);
  cursor.skip(SPACE);
  const bracketed = cursor.eat("(");
  const paths: (readonly (string | number)[])[] = [];
  do {
    const path = readPath(cursor);
    if (!path || WORDS_OF_GRAMMAR.has(String(path[0]))) return null;
    paths.push(path);
    cursor.skip(SPACE);
  } while (cursor.take(OR) !== null);
  if (bracketed && !cursor.eat(")")) return null;
  const filters = readFilters(cursor);
  if (!filters || paths.length < 2 || (!bracketed && filters.length > 0)) return null;
  return { paths, filters };
}

const OR = /^or\b/;
const WORDS_OF_GRAMMAR: ReadonlySet<string> = new Set(["or", "and", "not", "in", "is", "if", "else"]);

function readPath(cursor: Cursor): (string | number)[] | null {
  cursor.skip(SPACE);
  const root = cursor.take(NAME);
  if (root === null) return null;
  const path: (string | number)[] = [root];
  for (;;) {
    if (cursor.eat(".")) {
      const key = cursor.take(NAME);
      if (key === null) return null;
      path.push(key);
    } else if (cursor.eat("[")) {
      const key = cursor.literal();
      if ((typeof key !== "string" && typeof key !== "number") || !cursor.eat("]")) return null;
      path.push(key);
    } else {
      return path;
    }
  }
}

/** Filters up to the end of the text; `null` when something else stands there. */
function readFilters(cursor: Cursor): FilterCall[] | null {
  const filters: FilterCall[] = [];
  for (;;) {
    cursor.skip(SPACE);
    if (cursor.done()) return filters;
    if (!cursor.eat("|")) return null;
    const call = readFilter(cursor);
    if (call === null) return null;
    filters.push(call);
  }
}

function readFilter(cursor: Cursor): FilterCall | null {
  cursor.skip(SPACE);
  const name = cursor.take(NAME);
  if (name === null) return null;
  const args: (string | number | boolean | null)[] = [];
  if (cursor.eat("(")) {
    cursor.skip(SPACE);
    while (!cursor.eat(")")) {
      const value = cursor.literal();
      if (value === undefined) return null;
      args.push(value);
      cursor.skip(SPACE);
      cursor.eat(",");
      cursor.skip(SPACE);
    }
  }
  return { name, args };
}

/** Writes a reference as the inside of a hole: `steps.score.score|default(0)`. */
export function serialiseReference({ path, filters }: Reference): string {
  const [root, ...keys] = path;
  const text = keys.reduce<string>((so_far, key) => {
    if (typeof key === "number") return `${so_far}[${key}]`;
    return isName(key) ? `${so_far}.${key}` : `${so_far}[${JSON.stringify(key)}]`;
  }, String(root));
  return filters.reduce((so_far, filter) => so_far + serialiseFilter(filter), text);
}

/** Writes a reference as a whole hole, ready to stand in a template. */
export function toHole(reference: Reference): string {
  return `{{ ${serialiseReference(reference)} }}`;
}

/** The hole of a bare path. */
export function pathToHole(path: readonly (string | number)[]): string {
  return toHole({ path, filters: [] });
}

/** The reference when the text is exactly one simple hole and nothing else, which keeps the value's type. */
export function soleReference(text: string): Reference | null {
  const segments = parseTemplate(text.trim());
  const only = segments[0];
  return segments.length === 1 && only?.type === "hole" ? parseReference(only.inner) : null;
}

function serialiseFilter({ name, args }: FilterCall): string {
  const inside = args.map((arg) => (arg === null ? "none" : JSON.stringify(arg))).join(", ");
  return args.length > 0 ? `|${name}(${inside})` : `|${name}`;
}

function isName(key: string): boolean {
  return NAME.exec(key)?.[0] === key;
}

class Cursor {
  private at = 0;
  constructor(private readonly text: string) {}

  done(): boolean {
    return this.at >= this.text.length;
  }

  eat(char: string): boolean {
    if (this.text[this.at] !== char) return false;
    this.at++;
    return true;
  }

  take(pattern: RegExp): string | null {
    const found = pattern.exec(this.text.slice(this.at))?.[0];
    if (found === undefined) return null;
    this.at += found.length;
    return found;
  }

  skip(pattern: RegExp): void {
    this.take(pattern);
  }

  /** A quoted string, number, true, false or none; `undefined` for anything else. */
  literal(): string | number | boolean | null | undefined {
    const quote = this.text[this.at];
    if (quote === '"' || quote === "'") return this.quoted(quote);
    const number = this.take(NUMBER);
    if (number !== null) return Number(number);
    const start = this.at;
    switch (this.take(NAME)) {
      case "true":
        return true;
      case "false":
        return false;
      case "none":
        return null;
      default:
        this.at = start;
        return undefined;
    }
  }

  private quoted(quote: string): string | undefined {
    let value = "";
    for (let i = this.at + 1; i < this.text.length; i++) {
      const c = this.text[i] as string;
      if (c === quote) {
        this.at = i + 1;
        return value;
      }
      if (c === "\\") {
        i++;
        const escaped = this.text[i];
        if (escaped === undefined) return undefined;
        value += ESCAPES[escaped] ?? escaped;
      } else {
        value += c;
      }
    }
    return undefined;
  }
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r" };
