/** Words of the pages about connectors. */
import type { ConnectorUse, PagingChoice } from "@/api";

export const SHELVES: readonly [string, string][] = [
  ["crm", "CRM"],
  ["marketing", "Marketing automation"],
  ["outbound", "Sequences and calls"],
  ["ads", "Advertising"],
  ["enrichment", "Enrichment"],
  ["talk", "Messages"],
  ["work", "Tables, tasks and tickets"],
  ["data", "Databases and files"],
  ["other", "Other"],
];

export const PROMISES: readonly [string, string][] = [
  ["reads", "Only reads"],
  ["harmless", "Twice is the same as once"],
  ["uncertain", "Never repeated without asking a person"],
];

export function promiseOf(write: { repeat: string } | "reads" | null | undefined): string {
  if (!write || write === "reads") return "Only reads";
  if (write.repeat === "recognised") return "The app recognises a repeat";
  return PROMISES.find(([value]) => value === write.repeat)?.[1] ?? write.repeat;
}

export const PAGES: readonly [string, string][] = [
  ["none", "One answer holds everything"],
  ["cursor", "A word leads to the next page"],
  ["page", "Pages are counted"],
  ["offset", "Items are counted"],
  ["url", "The answer holds the next address"],
  ["link_header", "The header Link names the next page"],
];

export function pagesOf(paging: PagingChoice | "none" | null | undefined): string {
  if (!paging || paging === "none") return "";
  return PAGES.find(([value]) => value === paging.next.by)?.[1] ?? paging.next.by;
}

export function userInWords(use: ConnectorUse): string {
  switch (use.kind) {
    case "live":
      return "workflow, live";
    case "draft":
      return "workflow, draft";
    case "runs":
      return "runs of an older version";
    case "connection":
      return "connection";
  }
}

/** `12 actions` */
export function count(number: number, one: string): string {
  return `${number} ${one}${number === 1 ? "" : "s"}`;
}
