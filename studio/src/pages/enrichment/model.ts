/** Waterfalls as people begin with them and edit them. */
import type { Provider, ProviderFill, ProviderSpending, Spent, Traced, Waterfall } from "@/api";
import type { SelectOption, Tone } from "@/ui";

/** The fields that providers may fill; own fields besides, by their names. */
export const FILLABLE: SelectOption[] = [
  { value: "company", label: "Company" },
  { value: "company_size", label: "Company size" },
  { value: "industry", label: "Industry" },
  { value: "website", label: "Website" },
  { value: "job_title", label: "Job title" },
  { value: "phone", label: "Phone" },
  { value: "email", label: "E-mail" },
  { value: "first_name", label: "First name" },
  { value: "last_name", label: "Last name" },
  { value: "city", label: "City" },
  { value: "postal_code", label: "Postal code" },
  { value: "region", label: "Region" },
  { value: "country", label: "Country" },
];

/** The options with those that are in use and no core field. */
export function fieldOptions(used: readonly string[]): SelectOption[] {
  const own = used.filter((field) => field !== "" && !FILLABLE.some((known) => known.value === field));
  return [
    ...FILLABLE,
    ...[...new Set(own)].map((field) => ({ value: field, label: field, hint: "own field" })),
  ];
}

export function fieldLabel(field: string): string {
  return FILLABLE.find((known) => known.value === field)?.label ?? field;
}

export function newWaterfall(): Waterfall {
  return {
    description: "",
    fields: [{ field: "industry" }, { field: "company_size" }],
    trust_of_own: 100,
    providers: [newProvider([])],
    currency: "EUR",
    budget: {},
    max_wait_seconds: 60,
  };
}

export function newFill(field: string): ProviderFill {
  return { field, path: "", trust: 70, fresh_days: 180 };
}

/** A provider with an id and a name that none of `others` has. */
export function newProvider(others: readonly Provider[]): Provider {
  const ids = new Set(others.map((provider) => provider.id));
  const names = new Set(others.map((provider) => provider.name));
  let number = others.length + 1;
  while (ids.has(`provider-${number}`) || names.has(`Provider ${number}`)) number++;
  return {
    id: `provider-${number}`,
    name: `Provider ${number}`,
    source: { kind: "http", method: "GET", url: "", query: [], sign_in: { by: "none" } },
    needs: ["email"],
    fills: [newFill("industry"), newFill("company_size")],
    not_found_statuses: [404],
    not_found_days: 30,
    cost_per_call: 0,
    cost_per_hit: 0,
    budget: {},
    attempts: 1,
    wait_seconds: 2,
  };
}

/** `list` with the entry at `from` one place up or down; as it is at its ends. */
export function moved<T>(list: readonly T[], from: number, by: -1 | 1): T[] {
  const to = from + by;
  const entry = list[from];
  if (entry === undefined || to < 0 || to >= list.length) return [...list];
  const rest = list.filter((_, at) => at !== from);
  return [...rest.slice(0, to), entry, ...rest.slice(to)];
}

export function amount(money: number, currency: string): string {
  const digits = Math.round(money * 100) / 100 === money ? 2 : 4;
  return `${money.toFixed(digits)} ${currency}`;
}

/** `1 call`, `2 calls`. */
export function callsIn(count: number): string {
  return count === 1 ? "1 call" : `${count} calls`;
}

const NOTHING: Spent = { calls: 0, hits: 0, money: 0 };

/** What a provider has cost this month; nothing when it was never asked. */
export function monthOf(all: readonly ProviderSpending[] | undefined, provider: string): Spent {
  return all?.find((one) => one.provider === provider)?.month ?? NOTHING;
}

/** What happened with a provider, in two words. */
export const WHAT: Record<Traced["what"], { words: string; tone: Tone }> = {
  found: { words: "Found", tone: "ok" },
  not_found: { words: "Not found", tone: "neutral" },
  remembered: { words: "Remembered", tone: "ok" },
  remembered_not_found: { words: "Not found before", tone: "neutral" },
  skipped: { words: "Skipped", tone: "neutral" },
  over_budget: { words: "Over budget", tone: "warn" },
  busy: { words: "No turn", tone: "warn" },
  failed: { words: "Failed", tone: "bad" },
  would_ask: { words: "Would ask", tone: "neutral" },
};
