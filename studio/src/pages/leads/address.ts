/**
 * The leads page as an address: which leads, in which columns and order. Whoever gets the address sees the same, and a
 * saved view is an address with a name.
 */
import {
  filterDocument,
  type LeadFilter,
  type LeadRule,
  type LeadSort,
  type LeadView,
  type LeadViewDocument,
} from "@/api";

export interface LeadAddress {
  search?: string;
  stage?: string;
  owner?: string;
  list?: string;
  segment?: string;
  /** Id of an import. */
  import?: string;
  filter?: LeadRule;
  sort?: LeadSort;
  /** Names, separated by commas; the usual ones when absent. */
  columns?: string;
  /** Id of the view that was opened. */
  view?: string;
}

export const USUAL_COLUMNS = ["name", "company", "stage", "score", "owner", "updated_at"] as const;
export const USUAL_SORT: LeadSort = "-created_at";

const SORTS: readonly LeadSort[] = [
  "-created_at",
  "created_at",
  "-updated_at",
  "updated_at",
  "-score",
  "score",
];
const TEXTS = ["search", "stage", "owner", "list", "segment", "import", "columns", "view"] as const;

/** What of an address is meant; the rest is left out. */
export function readLeadAddress(search: Record<string, unknown>): LeadAddress {
  const address: LeadAddress = {};
  for (const name of TEXTS) {
    const value = search[name];
    // A search for a number comes back as one.
    const text = typeof value === "number" ? String(value) : value;
    if (typeof text === "string" && text !== "") address[name] = text;
  }
  const sort = SORTS.find((known) => known === search.sort);
  if (sort && sort !== USUAL_SORT) address.sort = sort;
  const { filter } = search;
  if (filter !== null && typeof filter === "object" && !Array.isArray(filter) && asks(filter as LeadRule)) {
    address.filter = filter as LeadRule;
  }
  return address;
}

/** Whether a rule asks anything: an empty group does not. */
export function asks(rule: LeadRule): boolean {
  const members = rule.all ?? rule.any;
  return Array.isArray(members)
    ? members.some((member) => asks(member as LeadRule))
    : Object.keys(rule).length > 0;
}

/** How many tests a rule has. */
export function testsOf(rule: LeadRule | undefined): number {
  if (!rule) return 0;
  const members = rule.all ?? rule.any;
  return Array.isArray(members)
    ? members.reduce((sum: number, member) => sum + testsOf(member as LeadRule), 0)
    : 1;
}

/** The part of an address that says which leads. */
export function filterOf(address: LeadAddress): LeadFilter {
  const { search, stage, owner, list, segment, import: by, filter } = address;
  return { search, stage, owner, list, segment, import: by, filter };
}

export function columnsOf({ columns }: LeadAddress): string[] {
  const chosen = columns?.split(",").filter(Boolean) ?? [];
  return chosen.length > 0 ? chosen : [...USUAL_COLUMNS];
}

export function sortOf({ sort }: LeadAddress): LeadSort {
  return sort ?? USUAL_SORT;
}

/** The address as a view keeps it. */
export function viewOf(address: LeadAddress): LeadViewDocument {
  return {
    filter: filterDocument(filterOf(address)),
    columns: address.columns ? columnsOf(address) : [],
    sort: sortOf(address),
  };
}

/** The address of a view. */
export function addressOf({ id, view }: Pick<LeadView, "id" | "view">): LeadAddress {
  const { rule, ...plain } = view.filter;
  return readLeadAddress({
    ...plain,
    ...(rule ? { filter: rule } : {}),
    sort: view.sort,
    columns: view.columns.join(","),
    view: id,
  });
}

/** Whether the page shows something else than the view that was opened. */
export function differs(address: LeadAddress, view: LeadView): boolean {
  return JSON.stringify(viewOf(address)) !== JSON.stringify(viewOf(addressOf(view)));
}

/** What a press on the head of a column sorts by next: the larger first, then the smaller first. */
export function nextSort(column: string, now: LeadSort): LeadSort | null {
  const falling = `-${column}` as LeadSort;
  if (!SORTS.includes(falling)) return null;
  return now === falling ? (column as LeadSort) : falling;
}

interface Found {
  total: number;
  atLeast: boolean;
  /** Leads that were looked through one by one. */
  lookedAt: number;
  /** Whether others were not looked at yet. */
  isPart: boolean;
}

/** "12 match", "10,000+ match", or what is known of a part: "3 of the first 50,000 match". */
export function matchesInWords({ total, atLeast, lookedAt, isPart }: Found): string {
  const count = total.toLocaleString("en");
  if (isPart) return `${count} of the first ${lookedAt.toLocaleString("en")} match`;
  return `${count}${atLeast ? "+" : ""} match`;
}
