/**
 * The filters offered when a pill is opened, in the user's words. The engine knows more of them; those can be typed.
 */
import type { FilterCall } from "./parse";

/** One offered filter. */
export interface FilterOffer {
  readonly name: string;
  /** What it does, as a verb phrase on a button. */
  readonly title: string;
  /** How it reads after a pill's name. */
  readonly words: string;
  /** The one argument asked for, if any. */
  readonly argument?: { readonly label: string; readonly initial: string } | undefined;
}

export const FILTER_OFFERS: readonly FilterOffer[] = [
  { name: "trim", title: "Cut spaces", words: "trimmed" },
  { name: "blank", title: "Empty if blank", words: "empty if blank" },
  { name: "lower", title: "lower case", words: "lower case" },
  { name: "upper", title: "UPPER CASE", words: "upper case" },
  { name: "title", title: "Title Case", words: "title case" },
  { name: "name_case", title: "Name Case", words: "name case" },
  { name: "email", title: "Clean e-mail", words: "clean e-mail" },
  { name: "phone", title: "Clean phone", words: "clean phone" },
  { name: "domain", title: "Domain", words: "domain" },
  { name: "default", title: "If empty…", words: "if empty", argument: { label: "Use instead", initial: "" } },
  { name: "date", title: "Read as date", words: "date" },
  {
    name: "date_format",
    title: "Write date as…",
    words: "date as",
    argument: { label: "Format", initial: "%d.%m.%Y" },
  },
];

/** A filter call in words: `default("none")` is "if empty “none”". */
export function filterInWords({ name, args }: FilterCall): string {
  const words = FILTER_OFFERS.find((offer) => offer.name === name)?.words ?? name.replaceAll("_", " ");
  const [first] = args;
  if (first === undefined) return words;
  return typeof first === "string" ? `${words} “${first}”` : `${words} ${String(first ?? "nothing")}`;
}
