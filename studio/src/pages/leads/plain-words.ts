/** Single values of a timeline in words. */
import { dateTime } from "@/app/time";

type Plain = string | number | boolean | null | undefined;

/** A moment as the wire writes it. */
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;

/** Whether `value` can be said in a word or two. */
export function isPlain(value: unknown): value is Plain {
  return value === null || value === undefined || ["string", "number", "boolean"].includes(typeof value);
}

/** "nothing", "yes", "71", "30 Nov 2026, 09:54". */
export function plainWords(value: Plain): string {
  if (value === null || value === undefined || value === "") return "nothing";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string" && MOMENT.test(value)) return dateTime(value) || value;
  return String(value);
}
