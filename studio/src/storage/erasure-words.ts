/** What was deleted of a person, in words instead of names of tables. */
const WORDS: Readonly<Record<string, readonly [string, string]>> = {
  lead: ["record", "records"],
  lead_key: ["address or id it was known by", "addresses and ids it was known by"],
  activity: ["entry of the timeline", "entries of the timeline"],
  lead_list: ["place on a list", "places on lists"],
  list_member: ["place on a list", "places on lists"],
  run: ["run", "runs"],
  run_item: ["item of a loop", "items of loops"],
  run_wait: ["open question", "open questions"],
  journal: ["page of history", "pages of history"],
  run_pin: ["run kept as a test", "runs kept as tests"],
  pin: ["run kept as a test", "runs kept as tests"],
  letter: ["message between runs", "messages between runs"],
};

/** "12 runs", "1 record". */
export function countInWords({ table, rows }: { table: string; rows: number }): string {
  const [one, many] = WORDS[table] ?? [table.replaceAll("_", " "), table.replaceAll("_", " ")];
  return `${rows.toLocaleString("en")} ${rows === 1 ? one : many}`;
}
